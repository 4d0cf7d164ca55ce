/** The one look into closed shadow roots that browsers grant extensions, and only them. */
import { browser } from "wxt/browser";

/** What a page can attach a shadow root to; inputs and the like have one of the browser's own. */
const HOSTS = /-|^(article|aside|blockquote|body|div|footer|h[1-6]|header|main|nav|p|section|span)$/;

/** The shadow root of an element, be it open or closed; none for the browser's own. */
export function shadowOf(element: Element): ShadowRoot | null | undefined {
  if (!(element instanceof HTMLElement) || !HOSTS.test(element.localName)) return undefined;
  try {
    const { dom } = browser as { dom?: { openOrClosedShadowRoot(element: HTMLElement): ShadowRoot | null } };
    return dom
      ? dom.openOrClosedShadowRoot(element)
      : (element as { openOrClosedShadowRoot?: ShadowRoot | null }).openOrClosedShadowRoot;
  } catch {
    // A page that is left from before an update has lost this view, and must not lose the rest with it.
    return element.shadowRoot;
  }
}
