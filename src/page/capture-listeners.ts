/**
 * Listeners in the capture phase of window that run before the page's own, because they are registered before
 * any script of the page runs. `document.open()` removes all listeners of a window. They are registered again
 * as soon as the page world reports it (see src/page-world) and, where nothing is reported, as soon as the
 * document has a new root element.
 *
 * The same listeners watch the windows of this origin that the page can reach: frames whose document never
 * comes have no script of ours, and in those whose document is yet to come the page would be first. The page
 * world reports a window when the page gets hold of it; frames are looked for again when a person does
 * something from which a choice could come.
 */
const listeners: (readonly [type: string, listener: (event: Event) => void])[] = [];

const openedWindows = new Set<Window>();

/** Listens to events of this window, and of those below it, before the page does. */
export function captureAtWindow(type: string, listener: (event: Event) => void): void {
  listeners.push([type, listener]);
  window.addEventListener(type, listener, true);
}

/** Keeps the listeners where they are to be. To be called once. */
export function keepCaptureListeners(): void {
  new MutationObserver(restoreCaptureListeners).observe(document, { childList: true });
  // The focus leaves for a frame, files are dragged over it, or a script opens its dialog.
  for (const type of ["blur", "dragenter", "click"]) captureAtWindow(type, restoreCaptureListeners);
  restoreCaptureListeners();
}

/** Registers again what `document.open()` removed; a listener that is still registered keeps its place. */
export function restoreCaptureListeners(): void {
  for (const opened of openedWindows) if (opened.closed) openedWindows.delete(opened);
  for (const reached of [window, ...openedWindows].flatMap(windowsIn))
    for (const [type, listener] of listeners) reached.addEventListener(type, listener, true);
}

/** Watches a window that the page has opened, or the windows of a frame. */
export function captureIn(reached: Window): void {
  if (reached.parent === reached) openedWindows.add(reached);
  restoreCaptureListeners();
}

/** A window and those of its frames, as far as they are of this origin. */
function windowsIn(reached: Window): Window[] {
  try {
    if (!reached.document) return [];
  } catch {
    return [];
  }
  return [
    reached,
    ...Array.from({ length: reached.length }, (_, i) => windowsIn(reached[i] as Window)).flat(),
  ];
}
