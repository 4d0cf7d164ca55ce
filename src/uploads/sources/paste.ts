/**
 * Pictures and files that a person pastes. Where the page leaves it to the browser, an editor gets what was pasted as text or,
 * without any, the pictures; rich text is not put in by us, since only the browser knows how to do that safely.
 */
import type { HandleChoice } from "../choice.ts";
import type { Gate } from "../gate.ts";
import { innermost, type ShadowOf } from "../tree.ts";
import { watchTransfers } from "./transfer.ts";

/** Starts to watch pastes into this document. */
export function watchPastes(
  gate: Gate,
  handle: HandleChoice,
  delivered: WeakSet<File>,
  shadowOf: ShadowOf,
): void {
  watchTransfers<ClipboardEvent>(gate, handle, delivered, {
    type: "paste",
    transferOf: ({ clipboardData }) => clipboardData,
    targetOf(event) {
      const target = event.composedPath()[0] as EventTarget;
      return target instanceof Element
        ? innermost(target, ({ activeElement }) => activeElement, shadowOf)
        : target;
    },
    deliver(_, target, clipboardData) {
      const again = new ClipboardEvent("paste", {
        bubbles: true,
        cancelable: true,
        composed: true,
        clipboardData,
      });
      if (target.dispatchEvent(again)) insert(clipboardData);
    },
  });
}

/** Where nothing can be edited, the commands do nothing. */
function insert(transfer: DataTransfer) {
  const text = transfer.getData("text/plain");
  if (text) document.execCommand("insertText", false, text);
  else
    for (const file of transfer.files)
      if (file.type.startsWith("image/"))
        document.execCommand("insertImage", false, URL.createObjectURL(file));
}
