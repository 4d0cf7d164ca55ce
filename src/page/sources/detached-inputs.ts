/**
 * File inputs outside of the document, whose events never reach window. From the click that opens its dialog
 * until a choice is made, we listen at the input itself and at the root of its tree. An input without a
 * parent gets a document fragment of ours as its parent, since a capture listener there runs before the
 * input's own listeners.
 */
import type { Gate } from "../gate.ts";
import { isFileInput } from "../shadow-tree.ts";

export interface DetachedInputs {
  /**
   * Prepares for a choice.
   *
   * @param node a file input whose dialog may be about to open, or a node whose detached tree may contain one
   */
  watch(node: Node): void;
  /** The dialog is closed: the page finds the input where it left it. */
  unwatch(input: HTMLInputElement): void;
}

/**
 * @param listenAt adds the listeners for `input` and `change`; a second call for the same target adds nothing
 */
export function createDetachedInputs(gate: Gate, listenAt: (target: EventTarget) => void): DetachedInputs {
  const wrappers = new WeakSet<Node>();
  const observers = new Map<HTMLInputElement, MutationObserver>();

  function watch(node: Node) {
    if (gate.state === "off") return;
    const root = node.getRootNode({ composed: true });
    if (!isFileInput(node)) {
      if (!node.isConnected) listenAt(root);
      return;
    }
    listenAt(node);
    node.addEventListener("cancel", onCancel, true);
    if (root === node) wrap(node);
    else if (!node.isConnected) listenAt(root);
    else if (!observers.has(node)) watchRemoval(node, new Set([root, node.getRootNode()]));
  }

  function wrap(input: HTMLInputElement) {
    const wrapper = input.ownerDocument.createDocumentFragment();
    wrappers.add(wrapper);
    wrapper.append(input);
    listenAt(wrapper);
  }

  /** Many pages remove an input as soon as its dialog is open. */
  function watchRemoval(input: HTMLInputElement, roots: ReadonlySet<Node>) {
    const observer = new MutationObserver(() => {
      if (input.isConnected) return;
      observer.disconnect();
      observers.delete(input);
      watch(input);
    });
    observers.set(input, observer);
    for (const root of roots) observer.observe(root, { childList: true, subtree: true });
  }

  function unwatch(input: HTMLInputElement) {
    observers.get(input)?.disconnect();
    observers.delete(input);
    if (input.parentNode && wrappers.has(input.parentNode)) input.remove();
  }

  function onCancel({ currentTarget }: Event) {
    unwatch(currentTarget as HTMLInputElement);
  }

  return { watch, unwatch };
}
