/** The elements that the panel is made of. */

/** Makes an element of a document, with properties and children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  document: Document,
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(createHtml(document, tag), properties);
  element.append(...children);
  return element;
}

/** Makes an element of HTML, also in a document that is none of HTML. */
export function createHtml<Tag extends keyof HTMLElementTagNameMap>(
  document: Document,
  tag: Tag,
): HTMLElementTagNameMap[Tag] {
  return document.createElementNS("http://www.w3.org/1999/xhtml", tag) as HTMLElementTagNameMap[Tag];
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

/** Milliseconds for which a button must have been visible in one place before it may send an original. */
const STEADY_FOR = 400;

/** Milliseconds between two looks at where a button is. */
const LOOK_EVERY = 50;

/** Makes a button that sends an original. */
export type OriginalButton = (label: string, onPress: () => void, look?: ButtonLook) => HTMLButtonElement;

/**
 * Makes buttons that send an original. A page could cover such a button, or have a new card move it under the
 * pointer, so that a press only counts if the whole button has been visible in one place for a while. Browsers
 * that cannot tell whether it is covered only ask that it has not moved.
 *
 * @param onUnseen is called instead, for a press that does not count
 */
export function originalButtons(document: Document, onUnseen: () => void): OriginalButton {
  return (label, onPress, look) => {
    let steadySince = Number.POSITIVE_INFINITY;
    let visible = false;
    let place = "";
    const lookAgain = () => {
      const { x, y } = element.getBoundingClientRect();
      const now = `${x} ${y}`;
      if (!visible) steadySince = Number.POSITIVE_INFINITY;
      else if (place !== now || steadySince === Number.POSITIVE_INFINITY) steadySince = performance.now();
      place = now;
    };
    const timer = setInterval(() => (element.isConnected ? lookAgain() : clearInterval(timer)), LOOK_EVERY);
    const press = () => {
      lookAgain();
      if (performance.now() - steadySince < STEADY_FOR) onUnseen();
      else onPress();
    };
    const element = button(document, label, press, look);
    const options = { threshold: 1, trackVisibility: true, delay: 100 } as IntersectionObserverInit;
    new IntersectionObserver((entries) => {
      const last = entries.at(-1) as IntersectionObserverEntry & { isVisible?: boolean };
      visible = last.isVisible !== false;
    }, options).observe(element);
    return element;
  };
}
