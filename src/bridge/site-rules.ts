/**
 * Whether uploads on a site are protected, and what decides: the person's own entries, the built-in list, or
 * neither. These are the only settings that content scripts read, so they are checked here and not by the
 * schema in `settings.ts`.
 */
import { EVERYWHERE, isAddress, listedSites, normaliseHost } from "./sites.ts";

/** The settings that decide where uploads are protected. */
export interface SiteSettings {
  /** Master switch. */
  readonly enabled: boolean;
  /** Hosts that the person switched on (true) or off (false), `*` for all. Others follow the list. */
  readonly sites: Readonly<Record<string, boolean>>;
}

/** Reads these settings from a stored record. A field that is missing or wrong falls back to its default. */
export function parseSiteSettings(record: unknown): SiteSettings {
  const { enabled, sites } = isRecord(record) ? record : {};
  return { enabled: typeof enabled === "boolean" ? enabled : true, sites: parseSites(sites) };
}

/** The rule for a host. */
export interface SiteRule {
  /** The site that the decision covers, with its subdomains: what to store in `sites` to change it. */
  readonly site: string;
  /**
   * `person`: an entry in `sites`; `list`: a social site (or the demo's host); `everywhere`: the person's
   * entry for all sites; `none`: none of these, hence off.
   */
  readonly decidedBy: "person" | "list" | "everywhere" | "none";
  /** Whether uploads on the host are protected while the master switch is on. */
  readonly enabled: boolean;
}

/**
 * The rule for a host, the master switch left aside: the nearest entry of the person's, otherwise the
 * built-in list, otherwise the person's entry for all sites.
 */
export function siteRule(settings: SiteSettings, host: string): SiteRule {
  const parents = parentsOf(normaliseHost(host));
  const listed = listedSite(host);
  const entry = parents.find((parent) => Object.hasOwn(settings.sites, parent));
  if (entry !== undefined)
    return { site: entry, decidedBy: "person", enabled: settings.sites[entry] === true };
  if (listed !== undefined) return { site: listed, decidedBy: "list", enabled: true };
  const site = (parents[0] ?? "").replace(/^www\./, "");
  return settings.sites[EVERYWHERE]
    ? { site, decidedBy: "everywhere", enabled: true }
    : { site, decidedBy: "none", enabled: false };
}

/**
 * Whether uploads on `host` (a host name, with or without a port) are to be protected: the master switch is
 * on, and {@link siteRule} says so, or the host is unknown (empty).
 */
export function isSiteEnabled(settings: SiteSettings, host: string): boolean {
  return settings.enabled && (host === "" || siteRule(settings, host).enabled);
}

/** The entries without the one for a site. */
export function withoutSite({ sites }: SiteSettings, site: string): SiteSettings["sites"] {
  return Object.fromEntries(Object.entries(sites).filter(([entry]) => entry !== site));
}

/** The entries after a site was switched on or off: none for it where the others say the same already. */
export function withSite(settings: SiteSettings, site: string, enabled: boolean): SiteSettings["sites"] {
  const others = withoutSite(settings, site);
  const without = siteRule({ ...settings, sites: others }, site).enabled;
  return without === enabled ? others : { ...others, [site]: enabled };
}

/** The entry of the built-in list that covers a host, whatever the person chose for it. */
export function listedSite(host: string): string | undefined {
  return parentsOf(normaliseHost(host)).find((parent) => LISTED.includes(parent));
}

const LISTED = listedSites(import.meta.env.MODE);

function parseSites(sites: unknown): SiteSettings["sites"] {
  if (!isRecord(sites)) return {};
  return Object.fromEntries(
    Object.entries(sites).flatMap(([key, value]) => {
      const host = key === EVERYWHERE ? key : normaliseHost(key);
      return host !== "" && typeof value === "boolean" ? [[host, value] as const] : [];
    }),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `a.b.c` -> `a.b.c`, `b.c`, `c`: nearest first. */
function parentsOf(host: string): string[] {
  if (host === "" || isAddress(host)) return host === "" ? [] : [host];
  const labels = host.split(".");
  return labels.map((_, start) => labels.slice(start).join("."));
}
