/**
 * The settings in `storage.local`: one versioned record, unchecked. Read it through `settings-storage.ts` or
 * `site-storage.ts`.
 */
import { browser } from "wxt/browser";

/** Key of the record. */
export const SETTINGS_KEY = "settings";

/** The record as it is stored; undefined where there is none. */
export async function readRecord(): Promise<unknown> {
  return (await browser.storage.local.get(SETTINGS_KEY))[SETTINGS_KEY];
}

/**
 * Calls back with the record after each change, made in whichever part of the extension.
 *
 * @returns a function that stops it
 */
export function watchRecord(callback: (record: unknown) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string) => {
    const change = changes[SETTINGS_KEY];
    if (area === "local" && change) callback(change.newValue);
  };
  browser.storage.onChanged.addListener(listener);
  return () => browser.storage.onChanged.removeListener(listener);
}
