/** Whether uploads on a site are protected, and what decides: the person's own entries, the built-in list, or neither. */
import type { Settings } from "./settings.ts";
import { DEMO_SITES, EVERYWHERE, isAddress, normaliseHost, SOCIAL_SITES } from "./sites.ts";

/** What decides about a site; see {@link SiteRule}. */
export type SiteSource = "person" | "list" | "everywhere" | "none";

/** What decides about a host, and how. */
export interface SiteRule {
  /** The site that the decision covers, with its subdomains: what to store in `sites` to change it. */
  readonly site: string;
  /**
   * `person`: an entry in `sites`; `list`: a social site (or the demo's host); `everywhere`: the person's entry for all sites;
   * `none`: none of these, hence off.
   */
  readonly source: SiteSource;
  /** Whether uploads on the host are protected while the master switch is on. */
  readonly enabled: boolean;
}

/**
 * The rule for a host, the master switch left aside: the nearest entry of the person's, otherwise the built-in list, otherwise
 * the person's entry for all sites.
 */
export function siteRule(settings: Settings, host: string): SiteRule {
  const parents = parentsOf(normaliseHost(host));
  const listed = listedSite(host);
  const entry = parents.find((parent) => Object.hasOwn(settings.sites, parent));
  if (entry !== undefined) return { site: entry, source: "person", enabled: settings.sites[entry] === true };
  if (listed !== undefined) return { site: listed, source: "list", enabled: true };
  const site = (parents[0] ?? "").replace(/^www\./, "");
  return settings.sites[EVERYWHERE]
    ? { site, source: "everywhere", enabled: true }
    : { site, source: "none", enabled: false };
}

/**
 * Whether uploads on `host` (a host name, with or without a port) are to be protected: the master switch is on, and
 * {@link siteRule} says so.
 */
export function isSiteEnabled(settings: Settings, host: string): boolean {
  return settings.enabled && siteRule(settings, host).enabled;
}

/** The entries without the one for a site. */
export function withoutSite({ sites }: Settings, site: string): Settings["sites"] {
  return Object.fromEntries(Object.entries(sites).filter(([entry]) => entry !== site));
}

/** The entries after a site was switched on or off: none for it where the others say the same already. */
export function withSite(settings: Settings, site: string, enabled: boolean): Settings["sites"] {
  const others = withoutSite(settings, site);
  const without = siteRule({ ...settings, sites: others }, site).enabled;
  return without === enabled ? others : { ...others, [site]: enabled };
}

/** The entry of the built-in list that covers a host, whatever the person chose for it. */
export function listedSite(host: string): string | undefined {
  return parentsOf(normaliseHost(host)).find((parent) => LISTED.has(parent));
}

/** A demo build also protects the upload page that the demo serves on this machine. */
const LISTED: ReadonlySet<string> = new Set<string>([
  ...SOCIAL_SITES,
  ...(import.meta.env.MODE === "demo" ? DEMO_SITES : []),
]);

/** `a.b.c` -> `a.b.c`, `b.c`, `c`: nearest first. */
function parentsOf(host: string): string[] {
  if (host === "" || isAddress(host)) return host === "" ? [] : [host];
  const labels = host.split(".");
  return labels.map((_, start) => labels.slice(start).join("."));
}
