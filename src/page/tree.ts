/** What is where in a page: file inputs, and what is inside of shadow roots that the page keeps closed. */

/** The shadow root of an element, be it open or closed. */
export type ShadowOf = (element: Element) => ShadowRoot | null | undefined;

/** By its name instead of `instanceof`, which fails for elements that were made in another frame. */
export function isFileInput(target: EventTarget | null | undefined): target is HTMLInputElement {
  const element = target as Partial<HTMLInputElement> | null | undefined;
  return element?.localName === "input" && element.type === "file";
}

/** All file inputs in the shadow root of an element, and in shadow roots in it. */
export function inputsBelow(host: Element, shadowOf: ShadowOf): HTMLInputElement[] {
  const elements = shadowOf(host)?.querySelectorAll("*") ?? [];
  return [...elements].flatMap((element) =>
    isFileInput(element) ? [element] : inputsBelow(element, shadowOf),
  );
}

/** The element that `find` finds in a document and, as long as it is the host of a shadow root, in that. */
export function innermost(
  element: Element,
  find: (root: ShadowRoot) => Element | null,
  shadowOf: ShadowOf,
): Element {
  const root = shadowOf(element);
  const inner = root && find(root);
  return inner && inner !== element ? innermost(inner, find, shadowOf) : element;
}
