/** The elements that the panel is made of. */

/** Makes an element of a document, with properties and children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  document: Document,
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: Node[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Makes a button that only a person can press. */
export function button(
  document: Document,
  label: string,
  onPress: () => void,
  className = "",
): HTMLButtonElement {
  const element = make(document, "button", { type: "button", textContent: label, className });
  element.addEventListener("click", (event) => event.isTrusted && onPress());
  return element;
}

/** Milliseconds that a button must have been in plain sight before it may send an original. */
const SEEN = 400;

/**
 * Makes a button that sends an original, so that it counts only if it was in plain sight for a while: a page could lay
 * something over it. Browsers that cannot tell count every press.
 */
export function seenButton(
  document: Document,
  label: string,
  onPress: () => void,
  onCovered: () => void,
  className = "",
): HTMLButtonElement {
  let since = Number.POSITIVE_INFINITY;
  const element = button(
    document,
    label,
    () => (performance.now() - since < SEEN ? onCovered() : onPress()),
    className,
  );
  const options = { threshold: 1, trackVisibility: true, delay: 100 } as IntersectionObserverInit;
  new IntersectionObserver((entries) => {
    const { isVisible } = entries.at(-1) as IntersectionObserverEntry & { isVisible?: boolean };
    if (isVisible === false) since = Number.POSITIVE_INFINITY;
    else if (since === Number.POSITIVE_INFINITY) since = performance.now();
  }, options).observe(element);
  return element;
}
