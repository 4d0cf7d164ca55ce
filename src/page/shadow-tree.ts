/** Finds file inputs and event targets in the composed tree, closed shadow roots included. */

/** The shadow root of an element, open or closed. */
export type ShadowRootOf = (element: Element) => ShadowRoot | null | undefined;

/** Tells by a property instead of `instanceof`, which fails for elements that were made in another frame. */
export function isElement(target: EventTarget | null | undefined): target is Element {
  return (target as Partial<Element> | null | undefined)?.nodeType === 1;
}

export function isFileInput(target: EventTarget | null | undefined): target is HTMLInputElement {
  const element = target as Partial<HTMLInputElement> | null | undefined;
  return element?.localName === "input" && element.type === "file";
}

/** All file inputs in the shadow root of an element and in the shadow roots nested in it, in tree order. */
export function fileInputsIn(host: Element, shadowRootOf: ShadowRootOf): HTMLInputElement[] {
  const root = shadowRootOf(host);
  return root ? (elementsIn(root, "input", shadowRootOf) as HTMLInputElement[]).filter(isFileInput) : [];
}

/** All elements below a node that match a selector, in tree order, those in shadow roots included. */
export function elementsIn(root: ParentNode, selector: string, shadowRootOf: ShadowRootOf): Element[] {
  return [...root.querySelectorAll("*")].flatMap((element) => {
    const inner = shadowRootOf(element);
    return [
      ...(element.matches(selector) ? [element] : []),
      ...(inner ? elementsIn(inner, selector, shadowRootOf) : []),
    ];
  });
}

/**
 * The target of an event before it was retargeted to the host of a closed shadow root.
 *
 * @param element the target that window sees
 * @param find the target within one shadow root, by position or by focus
 */
export function innermostTarget(
  element: Element,
  find: (root: ShadowRoot) => Element | null,
  shadowRootOf: ShadowRootOf,
): Element {
  const root = shadowRootOf(element);
  const inner = root && find(root);
  return inner && inner !== element ? innermostTarget(inner, find, shadowRootOf) : element;
}
