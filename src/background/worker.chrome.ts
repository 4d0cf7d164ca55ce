/**
 * Where the work is done in Chromium: an offscreen document, since a service worker has no GPU and dies when
 * idle. There is one per extension; it closes itself when it has nothing to do. `worker.firefox.ts` has the
 * same exports.
 */
import { browser } from "wxt/browser";

const PATH = "/offscreen.html";

let creating: Promise<void> | undefined;

/** Makes sure that the worker exists; when this resolves it takes ports. */
export async function ensureWorker(): Promise<void> {
  // Calls that come while it is being created must wait for the same one: a second one would be refused.
  creating ??= create().finally(() => {
    creating = undefined;
  });
  await creating;
}

/** Whether the worker exists. */
export async function hasWorker(): Promise<boolean> {
  const contexts = await browser.runtime.getContexts({ contextTypes: ["OFFSCREEN_DOCUMENT"] });
  return contexts.length > 0;
}

async function create(): Promise<void> {
  if (await hasWorker()) return;
  await browser.offscreen.createDocument({
    url: PATH,
    reasons: ["WORKERS", "BLOBS"],
    justification: "Protects pictures on this computer, on the GPU or in WebAssembly threads.",
  });
}
