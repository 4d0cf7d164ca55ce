/**
 * File inputs whose events do not reach window, since they are outside of its document, or leave it while the
 * dialog is open. From the click that opens its dialog until a choice is made, an input is followed from root
 * to root, and we listen at the input itself and at the root of its tree, where window may not hear it. A tree
 * without a document gets a document fragment of ours around it, since a capture listener there runs before
 * those in the tree.
 */
import { captureAtWindow } from "../capture-listeners.ts";
import type { PageContext } from "../page-context.ts";
import { fileInputsIn, isElement, isFileInput } from "../shadow-tree.ts";

export interface DetachedInputs {
  /**
   * Prepares for a choice.
   *
   * @param node a file input whose dialog may be about to open, the host of a shadow root with such an input, or
   * a node whose detached tree may contain one
   */
  watch(node: Node): void;
  /** The dialog is closed: the page finds the input where it left it. */
  unwatch(input: HTMLInputElement): void;
}

interface Options {
  /** Adds the listeners for a click and a choice; a second call for the same target adds nothing. */
  listenAt(target: EventTarget): void;
  /** The dialog of an input may be about to open. */
  onDialog(input: HTMLInputElement): void;
}

/** Makes it, following no input yet. */
export function createDetachedInputs(
  { gate, shadowRootOf }: Pick<PageContext, "gate" | "shadowRootOf">,
  { listenAt, onDialog }: Options,
): DetachedInputs {
  const wrappers = new WeakSet<Node>();
  const observers = new Map<HTMLInputElement, MutationObserver>();

  function watch(node: Node) {
    if (gate.state === "off") return;
    if (isFileInput(node)) return open(node);
    listenAt(rootsOf(node).at(-1) as Node);
    // The browser names the host in place of an input in its shadow root.
    for (const input of fileInputsIn(node as Element, shadowRootOf)) open(input);
  }

  function open(input: HTMLInputElement) {
    onDialog(input);
    follow(input);
  }

  function follow(input: HTMLInputElement) {
    stopFollowing(input);
    listenAt(input);
    input.addEventListener("cancel", onCancel, true);
    const top = rootsOf(input).at(-1);
    if (isElement(top)) wrap(top);
    const roots = rootsOf(input);
    listenAt(roots.at(-1) as Node);
    // Many pages remove an input as soon as its dialog is open, or move it elsewhere.
    const observer = new MutationObserver(() => {
      if (rootsOf(input).some((root, i) => root !== roots[i])) follow(input);
    });
    observers.set(input, observer);
    for (const root of roots) observer.observe(root, { childList: true, subtree: true });
  }

  function wrap(top: Element) {
    const wrapper = top.ownerDocument.createDocumentFragment();
    wrappers.add(wrapper);
    wrapper.append(top);
  }

  function stopFollowing(input: HTMLInputElement) {
    observers.get(input)?.disconnect();
    observers.delete(input);
  }

  function unwatch(input: HTMLInputElement) {
    stopFollowing(input);
    const top = rootsOf(input).at(-1) as ParentNode & Node;
    if (wrappers.has(top)) top.replaceChildren();
  }

  function onCancel({ currentTarget }: Event) {
    unwatch(currentTarget as HTMLInputElement);
  }

  captureAtWindow("pagehide", (event) => {
    if ((event as PageTransitionEvent).persisted) return;
    // Once a frame has another page, nobody hears of a choice in the one before, but a script can still look there.
    for (const input of observers.keys()) if (input.ownerDocument === event.target) input.type = "text";
  });

  return { watch, unwatch };
}

/** The roots of the trees that a node is in, each inside of the next. The last is no shadow root. */
function rootsOf(node: Node): Node[] {
  const root = node.getRootNode();
  const { host } = root as Partial<ShadowRoot>;
  return host ? [root, ...rootsOf(host)] : [root];
}
