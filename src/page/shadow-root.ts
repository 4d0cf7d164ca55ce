/** Access to closed shadow roots, which browsers grant to extensions and not to pages. */
import { browser } from "wxt/browser";

/** Elements that accept a shadow root of the page: custom elements, and these of HTML. */
const HOSTS = /-|^(article|aside|blockquote|body|div|footer|h[1-6]|header|main|nav|p|section|span)$/;

/** The page's shadow root at an element, open or closed. The browser's own, as in `<input>`, are left out. */
export function shadowRootOf(element: Element): ShadowRoot | null | undefined {
  if (!HOSTS.test(element.localName)) return undefined;
  try {
    const { dom } = browser as { dom?: { openOrClosedShadowRoot(element: HTMLElement): ShadowRoot | null } };
    return dom
      ? dom.openOrClosedShadowRoot(element as HTMLElement)
      : (element as { openOrClosedShadowRoot?: ShadowRoot | null }).openOrClosedShadowRoot;
  } catch {
    // After an update of the extension this API fails in pages that are still open. Open roots can still be
    // protected.
    return element.shadowRoot;
  }
}
