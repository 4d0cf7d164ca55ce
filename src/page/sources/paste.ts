/**
 * Pictures and files that a person pastes. Where the page leaves it to the browser, an editor gets what was pasted as text or,
 * without any, the pictures; rich text is not put in by us, since only the browser knows how to do that safely.
 */

import type { TellPlaces } from "../../bridge/page-channel.ts";
import type { HandleChoice } from "../choice.ts";
import type { Gate } from "../gate.ts";
import type { OwnFiles } from "../own-files.ts";
import { innermost, type ShadowOf } from "../tree.ts";
import { watchTransfers } from "./transfer.ts";

/** Starts to watch pastes into this document. */
export function watchPastes(
  gate: Gate,
  handle: HandleChoice,
  own: OwnFiles,
  tellPlaces: TellPlaces,
  shadowOf: ShadowOf,
): void {
  watchTransfers<ClipboardEvent>(gate, handle, own, tellPlaces, {
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
      return !target.dispatchEvent(again) || insert(clipboardData);
    },
  });
}

/** @returns whether anything was put in; where nothing can be edited, the commands do nothing */
function insert(transfer: DataTransfer): boolean {
  const text = transfer.getData("text/plain");
  if (text) return document.execCommand("insertText", false, text);
  const pictures = [...transfer.files].filter(({ type }) => type.startsWith("image/"));
  return pictures
    .map((file) => document.execCommand("insertImage", false, URL.createObjectURL(file)))
    .includes(true);
}
