/**
 * The files that were protected on this computer, so that none of them is protected again on its way to another site. Only
 * hashes are stored, in `storage.local`, by the background; see docs/adr/0009-a-list-of-protected-files.md.
 */
import { browser } from "wxt/browser";

/** Key of the hashes, oldest first. */
const KEY = "protectedFiles";

/** How many are remembered; the oldest are forgotten. */
export const MOST_FILES = 5000;

const inTurn = <Result>(work: () => Promise<Result>) =>
  navigator.locks.request("penumbra-protected-files", work) as Promise<Result>;

/** What stands for a file in the list: the first 128 bits of its SHA-256, in base64. */
export async function hashOfFile(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...hash.subarray(0, 16)));
}

/** The hashes that are remembered. What is stored and no list of texts counts as none. */
export async function getProtectedFiles(): Promise<readonly string[]> {
  const { [KEY]: hashes } = await browser.storage.local.get(KEY);
  return Array.isArray(hashes) ? hashes.filter((hash) => typeof hash === "string") : [];
}

/** Remembers a file that Penumbra made. */
export async function rememberProtectedFile(hash: string): Promise<void> {
  await inTurn(async () => {
    const others = (await getProtectedFiles()).filter((other) => other !== hash);
    await browser.storage.local.set({ [KEY]: [...others, hash].slice(-MOST_FILES) });
  });
}

/** Empties the list. */
export async function forgetProtectedFiles(): Promise<void> {
  await inTurn(() => browser.storage.local.remove(KEY));
}

/** Calls back with the list after each change. */
export function watchProtectedFiles(callback: (hashes: readonly string[]) => void): void {
  browser.storage.onChanged.addListener((changes, area) => {
    if (area === "local" && KEY in changes) void getProtectedFiles().then(callback);
  });
}
