/**
 * Files that a person drops on a page. While something is dragged, the browser itself keeps its contents from the page, so
 * that only the drop has to be taken. A drop on a file input is also a choice of files in it.
 */

import type { TellPlaces } from "../../bridge/page-channel.ts";
import type { HandleChoice } from "../choice.ts";
import type { Gate } from "../gate.ts";
import type { OwnFiles } from "../own-files.ts";
import { innermost, isFileInput, type ShadowOf } from "../tree.ts";
import type { Inputs } from "./input.ts";
import { watchTransfers } from "./transfer.ts";

/** Starts to watch drops on this document. */
export function watchDrops(
  gate: Gate,
  handle: HandleChoice,
  own: OwnFiles,
  tellPlaces: TellPlaces,
  inputs: Inputs,
  shadowOf: ShadowOf,
): void {
  watchTransfers<DragEvent>(gate, handle, own, tellPlaces, {
    type: "drop",
    transferOf: ({ dataTransfer }) => dataTransfer,
    targetOf(event) {
      const target = event.composedPath()[0] as EventTarget;
      const { clientX, clientY } = event;
      return target instanceof Element
        ? innermost(target, (root) => root.elementFromPoint(clientX, clientY), shadowOf)
        : target;
    },
    deliver(event, target, transfer, files) {
      transfer.dropEffect = event.dataTransfer?.dropEffect ?? "none";
      if (!target.dispatchEvent(dragEvent("drop", event, transfer))) return true;
      if (!isFileInput(target) || target.disabled) return false;
      if (files.length > 0) inputs.fill(target, target.multiple ? files : files.slice(0, 1));
      return true;
    },
    // The page may be showing where to drop.
    cancel: (event, target) => target.dispatchEvent(dragEvent("dragleave", event, new DataTransfer())),
  });
}

/** An event at the place of another and with the same keys. */
function dragEvent(type: string, like: DragEvent, dataTransfer: DataTransfer): DragEvent {
  const { bubbles, composed, detail, screenX, screenY, clientX, clientY, button, buttons } = like;
  const { ctrlKey, shiftKey, altKey, metaKey, relatedTarget } = like;
  return new DragEvent(type, {
    ...{ bubbles, composed, detail, screenX, screenY, clientX, clientY, button, buttons },
    ...{ ctrlKey, shiftKey, altKey, metaKey, relatedTarget },
    cancelable: type === "drop",
    view: window,
    dataTransfer,
  });
}
