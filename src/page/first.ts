/**
 * Listeners in the capture phase of window, ahead of the page's because they are there before it. `document.open()` takes all
 * listeners of a window away, so they are put back at once where the page tells of it (see page/hooks.ts), and otherwise as
 * soon as the document has got another root.
 */
const listeners: (readonly [type: string, listener: (event: Event) => void])[] = [];

/** Listens to events of this window before the page does. */
export function listenFirst(type: string, listener: (event: Event) => void): void {
  if (listeners.length === 0) new MutationObserver(listen).observe(document, { childList: true });
  listeners.push([type, listener]);
  listen();
}

/** Puts back what the page took away; a listener that is there already stays where it is. */
export function listen(): void {
  for (const [type, listener] of listeners) window.addEventListener(type, listener, true);
}
