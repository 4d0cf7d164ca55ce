/**
 * The person's choices in `storage.local`, as one versioned record.
 * Nothing read from storage is trusted: an older record is migrated step by step, and each field that does not hold what
 * it should falls back to its default, alone, so that one bad value never costs the others.
 */
import { browser } from "wxt/browser";
import { OBJECTIVES } from "../core/contract/protected-picture.ts";
import { BUDGETS, DEFAULT_SETTINGS, type Settings, type SiteSource } from "./settings.ts";
import { DEMO_SITES, EVERYWHERE, isAddress, normaliseHost, SOCIAL_SITES } from "./sites.ts";

/** Key of the record in `storage.local`. */
export const SETTINGS_KEY = "settings";

/** Takes a record from one version to the next. */
export type Migration = (record: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** `MIGRATIONS[n]` leads from version n + 1 to n + 2; append only. Version 1 is the first. */
const MIGRATIONS: readonly Migration[] = [
  // Records hold the objective also of people who never chose one, and `overlap` was what they had then.
  (record) => ({ ...record, ...(record.objective === "overlap" && { objective: "features" }) }),
];

/** Version of the records written now. */
export const SETTINGS_VERSION = MIGRATIONS.length + 1;

/** The stored settings; the defaults where there is nothing or nothing usable. */
export async function getSettings(): Promise<Settings> {
  return parseSettings((await browser.storage.local.get(SETTINGS_KEY))[SETTINGS_KEY]);
}

/**
 * Changes some fields and keeps the others. Concurrent updates from several extension pages are applied one after
 * the other (Web Locks), so none is lost. A function receives the settings as they are at that moment.
 *
 * @returns the settings as stored
 */
export async function updateSettings(
  patch: Partial<Settings> | ((current: Settings) => Partial<Settings>),
): Promise<Settings> {
  return await navigator.locks.request("penumbra-settings", async () => {
    const current = await getSettings();
    const next = parseSettings({
      version: SETTINGS_VERSION,
      ...current,
      ...(typeof patch === "function" ? patch(current) : patch),
    });
    await browser.storage.local.set({ [SETTINGS_KEY]: { version: SETTINGS_VERSION, ...next } });
    return next;
  });
}

/** Calls back with the new settings after each change, from whichever part of the extension; returns the way to stop. */
export function watchSettings(callback: (settings: Settings) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string) => {
    const change = changes[SETTINGS_KEY];
    if (area === "local" && change) callback(parseSettings(change.newValue));
  };
  browser.storage.onChanged.addListener(listener);
  return () => browser.storage.onChanged.removeListener(listener);
}

/** Turns whatever storage held into valid settings. A record from a newer version is read as far as it is understood. */
export function parseSettings(stored: unknown, migrations: readonly Migration[] = MIGRATIONS): Settings {
  const { enabled, budget, surrogate, objective, shrinkFirst, steps, sites } = migrate(stored, migrations);
  return {
    enabled: typeof enabled === "boolean" ? enabled : DEFAULT_SETTINGS.enabled,
    budget: isOneOf(Object.keys(BUDGETS) as (keyof typeof BUDGETS)[], budget)
      ? budget
      : DEFAULT_SETTINGS.budget,
    surrogate:
      typeof surrogate === "string" && /^[a-z0-9][a-z0-9._-]{0,63}$/i.test(surrogate)
        ? surrogate
        : DEFAULT_SETTINGS.surrogate,
    objective: isOneOf(OBJECTIVES, objective) ? objective : DEFAULT_SETTINGS.objective,
    shrinkFirst: typeof shrinkFirst === "boolean" ? shrinkFirst : DEFAULT_SETTINGS.shrinkFirst,
    ...(isSteps(steps) && { steps }),
    sites: parseSites(sites),
  };
}

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

function migrate(stored: unknown, migrations: readonly Migration[]): Readonly<Record<string, unknown>> {
  if (!isRecord(stored)) return {};
  const version = Number.isInteger(stored.version) ? Math.max(1, stored.version as number) : 1;
  return migrations
    .slice(version - 1)
    .reduce<Record<string, unknown>>((record, step) => step(record), stored);
}

function parseSites(sites: unknown): Settings["sites"] {
  if (!isRecord(sites)) return {};
  return Object.fromEntries(
    Object.entries(sites).flatMap(([key, value]) => {
      const host = key === EVERYWHERE ? key : normaliseHost(key);
      return host !== "" && typeof value === "boolean" ? [[host, value] as const] : [];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As many as the worker accepts. */
function isSteps(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1000;
}

function isOneOf<T extends string>(choices: readonly T[], value: unknown): value is T {
  return choices.some((choice) => choice === value);
}
