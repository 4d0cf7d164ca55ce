/**
 * The status in `storage.session`: written by the background, read by the popup. It outlives the service
 * worker, so the popup shows it without waking anything, and it is gone when the browser closes.
 */
import { browser } from "wxt/browser";
import type { Status } from "./status.ts";

/** Key of the status in `storage.session`. */
const STATUS_KEY = "status";

const NOTHING: Status = { running: [] };

/** The status as it is; nothing running and no last result before the first job. */
export async function getStatus(): Promise<Status> {
  const { [STATUS_KEY]: status } = await browser.storage.session.get(STATUS_KEY);
  return (status as Status | undefined) ?? NOTHING;
}

/** Replaces the status; only the background does so. */
export async function setStatus(status: Status): Promise<void> {
  await browser.storage.session.set({ [STATUS_KEY]: status });
}

/** Calls back with the status after each change; returns the way to stop. */
export function watchStatus(callback: (status: Status) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string) => {
    const change = changes[STATUS_KEY];
    if (area === "session" && change) callback((change.newValue as Status | undefined) ?? NOTHING);
  };
  browser.storage.onChanged.addListener(listener);
  return () => browser.storage.onChanged.removeListener(listener);
}
