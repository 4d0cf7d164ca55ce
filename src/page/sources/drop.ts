/**
 * Files that a person drops on a page. During the drag the browser itself keeps the contents from the page,
 * so that only `drop` has to be stopped. A drop on a file input is also a choice in that input.
 */
import type { PageContext } from "../page-context.ts";
import { innermostTarget, isFileInput } from "../shadow-tree.ts";
import type { Inputs } from "./input.ts";
import { watchTransfers } from "./transfer.ts";

/** Starts to watch drops on this document. @param fill puts dropped files into a file input */
export function watchDrops(context: PageContext, fill: Inputs["fill"]): void {
  watchTransfers<DragEvent>(context, {
    type: "drop",
    transferOf: ({ dataTransfer }) => dataTransfer,
    targetOf(event) {
      const target = event.composedPath()[0] as EventTarget;
      const { clientX, clientY } = event;
      return target instanceof Element
        ? innermostTarget(target, (root) => root.elementFromPoint(clientX, clientY), context.shadowRootOf)
        : target;
    },
    deliver(event, target, transfer, files) {
      transfer.dropEffect = event.dataTransfer?.dropEffect ?? "none";
      if (!target.dispatchEvent(dragEvent("drop", event, transfer))) return true;
      if (!isFileInput(target) || target.disabled) return false;
      if (files.length > 0) fill(target, target.multiple ? files : files.slice(0, 1));
      return true;
    },
    // The page may show a place to drop to, which it hides again on this event.
    cancel: (event, target) => target.dispatchEvent(dragEvent("dragleave", event, new DataTransfer())),
  });
}

/** An event at the same position and with the same keys as another. */
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
