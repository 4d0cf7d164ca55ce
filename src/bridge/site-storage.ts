/** The stored settings that content scripts need, apart from the others because every frame loads this. */
import { readRecord, watchRecord } from "./settings-record.ts";
import { parseSiteSettings, type SiteSettings } from "./site-rules.ts";

/** Where uploads are protected; the defaults where nothing usable is stored. */
export async function getSiteSettings(): Promise<SiteSettings> {
  return parseSiteSettings(await readRecord());
}

/** Calls back with these settings after each change of any setting. */
export function watchSiteSettings(callback: (settings: SiteSettings) => void): void {
  watchRecord((record) => callback(parseSiteSettings(record)));
}
