/** How the worker ends in Firefox, where it is a frame of the background page. As `end-worker.chrome.ts`. */
import type * as chromium from "./end-worker.chrome.ts";

export const endWorker: typeof chromium.endWorker = () => {
  window.frameElement?.remove();
};
