/**
 * Listeners in the capture phase of window that run before the page's own, because they are registered before
 * any script of the page runs. `document.open()` removes all listeners of a window. They are registered again
 * as soon as the page world reports it (see src/page-world) and, where nothing is reported, as soon as the
 * document has a new root element.
 */
const listeners: (readonly [type: string, listener: (event: Event) => void])[] = [];

/** Listens to events of this window before the page does. */
export function captureAtWindow(type: string, listener: (event: Event) => void): void {
  if (listeners.length === 0)
    new MutationObserver(restoreCaptureListeners).observe(document, { childList: true });
  listeners.push([type, listener]);
  restoreCaptureListeners();
}

/** Registers again what `document.open()` removed; a listener that is still registered keeps its place. */
export function restoreCaptureListeners(): void {
  for (const [type, listener] of listeners) window.addEventListener(type, listener, true);
}
