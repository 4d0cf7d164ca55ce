/** The elements that the panel is made of. */

/** Makes an element of a document, with properties and children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  document: Document,
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** How a button looks: the one to press first, one that looks like a link, or any other. */
export type ButtonLook = "first" | "link" | "";

/** Makes a button that only a person can press. */
export function button(
  document: Document,
  label: string,
  onPress: () => void,
  look: ButtonLook = "",
): HTMLButtonElement {
  const element = make(document, "button", { type: "button", textContent: label, className: look });
  element.addEventListener("click", (event) => event.isTrusted && onPress());
  return element;
}

/** Milliseconds for which a button must have been visible before it may send an original. */
const VISIBLE_FOR = 400;

/** Makes a button that sends an original. */
export type OriginalButton = (label: string, onPress: () => void, look?: ButtonLook) => HTMLButtonElement;

/**
 * Makes buttons that send an original. A page could cover such a button, so that a press only counts if the
 * whole button has been visible for a while. Browsers that cannot tell count every press.
 *
 * @param onCovered is called instead, for a press that does not count
 */
export function originalButtons(document: Document, onCovered: () => void): OriginalButton {
  return (label, onPress, look) => {
    let visibleSince = Number.POSITIVE_INFINITY;
    const press = () => (performance.now() - visibleSince < VISIBLE_FOR ? onCovered() : onPress());
    const element = button(document, label, press, look);
    const options = { threshold: 1, trackVisibility: true, delay: 100 } as IntersectionObserverInit;
    new IntersectionObserver((entries) => {
      const { isVisible } = entries.at(-1) as IntersectionObserverEntry & { isVisible?: boolean };
      if (isVisible === false) visibleSince = Number.POSITIVE_INFINITY;
      else if (visibleSince === Number.POSITIVE_INFINITY) visibleSince = performance.now();
    }, options).observe(element);
    return element;
  };
}
