/** The person's choices as they are stored. Nothing read from storage is trusted: see `parseSettings`. */
import { browser } from "wxt/browser";
import { parseSettings, SETTINGS_VERSION, type Settings } from "./settings.ts";
import { readRecord, SETTINGS_KEY, watchRecord } from "./settings-record.ts";

/** The stored settings; the defaults where there is nothing or nothing usable. */
export async function getSettings(): Promise<Settings> {
  return parseSettings(await readRecord());
}

/**
 * Changes some fields and keeps the others. Concurrent updates from several extension pages are applied one
 * after the other (Web Locks), so none is lost. A function receives the settings as they are at that moment.
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

/**
 * Calls back with the new settings after each change, made in whichever part of the extension.
 *
 * @returns a function that stops it
 */
export function watchSettings(callback: (settings: Settings) => void): () => void {
  return watchRecord((record) => callback(parseSettings(record)));
}
