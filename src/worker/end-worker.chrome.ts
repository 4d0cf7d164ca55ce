/** How the worker ends in Chromium, where it is a document of its own. As `end-worker.firefox.ts`. */

/** Ends the worker from inside, with all that it holds; the next picture gets a new one. */
export function endWorker(): void {
  window.close();
}
