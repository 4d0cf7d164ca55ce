/**
 * Where the work is done in Firefox: the background page itself, which has a DOM and a GPU.
 * `worker.chrome.ts` has the same exports.
 */
import type * as chrome from "./worker.chrome.ts";

let started: Promise<unknown> | undefined;

export const ensureWorker: typeof chrome.ensureWorker = async (start) => {
  started ??= start?.();
  await started;
};

export const hasWorker: typeof chrome.hasWorker = async () => started !== undefined;

export const endWorker: typeof chrome.endWorker = () => {
  location.reload();
};
