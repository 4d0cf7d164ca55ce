/**
 * Chromium empties a storage that it finds damaged, and keeps the permissions, which it stores elsewhere. A site
 * that the person had added would be off from then on, without a word.
 */
import { grantedPatterns } from "../bridge/permissions.ts";
import { readRecord } from "../bridge/settings-record.ts";
import { updateSettings } from "../bridge/settings-storage.ts";
import { listedPatterns, siteOfPattern } from "../bridge/sites.ts";

/** Switches the sites on that the person has granted, where there are no settings that say otherwise. */
export async function restoreSites(): Promise<void> {
  const record = await readRecord();
  if (typeof record === "object" && record !== null) return;
  const listed = listedPatterns(import.meta.env.MODE);
  const added = (await grantedPatterns()).filter((pattern) => !listed.includes(pattern));
  if (added.length === 0) return;
  const sites = Object.fromEntries(added.map((pattern) => [siteOfPattern(pattern), true]));
  await updateSettings((current) => ({ sites: { ...sites, ...current.sites } }));
}
