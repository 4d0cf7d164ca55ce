/**
 * Pictures and other files that a person pastes. Where the page leaves the paste to the browser, the editor
 * receives the pasted text or, without text, the pictures. Rich text is not inserted, since only the browser
 * can clean it of scripts.
 */
import type { PageContext } from "../page-context.ts";
import { innermostTarget } from "../shadow-tree.ts";
import { watchTransfers } from "./transfer.ts";

/** Starts to watch pastes into this document. */
export function watchPastes(context: PageContext): void {
  watchTransfers<ClipboardEvent>(context, {
    type: "paste",
    transferOf: ({ clipboardData }) => clipboardData,
    targetOf(event) {
      const target = event.composedPath()[0] as EventTarget;
      return target instanceof Element
        ? innermostTarget(target, ({ activeElement }) => activeElement, context.shadowRootOf)
        : target;
    },
    deliver(_, target, clipboardData) {
      const event = new ClipboardEvent("paste", {
        bubbles: true,
        cancelable: true,
        composed: true,
        clipboardData,
      });
      return !target.dispatchEvent(event) || insert(clipboardData);
    },
  });
}

/** @returns whether anything was inserted; the commands do nothing where nothing can be edited */
function insert(transfer: DataTransfer): boolean {
  const text = transfer.getData("text/plain");
  if (text) return document.execCommand("insertText", false, text);
  const pictures = [...transfer.files].filter(({ type }) => type.startsWith("image/"));
  return pictures
    .map((file) => document.execCommand("insertImage", false, URL.createObjectURL(file)))
    .includes(true);
}
