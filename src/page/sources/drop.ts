/**
 * Files that a person drops on a page. During the drag the browser itself keeps the contents from the page,
 * so that only `drop` has to be stopped. A drop on a file input is also a choice in that input.
 */
import { captureAtWindow } from "../capture-listeners.ts";
import type { PageContext } from "../page-context.ts";
import { innermostTarget, isElement, isFileInput } from "../shadow-tree.ts";
import type { Inputs } from "./input.ts";
import { placeIn } from "./place.ts";
import { type HeldTransfer, watchTransfers } from "./transfer.ts";
import type { PackedTransfer } from "./transfer-items.ts";

/** Starts to watch drops on this document. @param holdDrop holds the place of the files in a file input */
export function watchDrops(context: PageContext, holdDrop: Inputs["holdDrop"]): void {
  const isDragging = watchOwnDrags();
  captureAtWindow("dragenter", (event) => {
    // From outside of the window.
    if (event.isTrusted && !(event as DragEvent).relatedTarget) context.warmUp();
  });
  watchTransfers<DragEvent>(context, {
    type: "drop",
    transferOf: ({ dataTransfer }) => dataTransfer,
    targetOf(event) {
      const target = event.composedPath()[0] as EventTarget;
      const { clientX, clientY } = event;
      return isElement(target)
        ? innermostTarget(target, (root) => root.elementFromPoint(clientX, clientY), context.shadowRootOf)
        : target;
    },
    // Browsers put a file into the drag of every picture.
    isOfPage: (items) => isDragging() && items.isOffDisk,
    hold(event, target) {
      const { clientX, clientY } = event;
      const { effectAllowed, dropEffect } = event.dataTransfer as DataTransfer;
      const dispatch = (target: EventTarget, { transfer }: PackedTransfer) => {
        context.tellEffects(transfer, effectAllowed, dropEffect);
        return target.dispatchEvent(dragEvent("drop", event, transfer));
      };
      const cancel: HeldTransfer["cancel"] = (target) =>
        // The page may show a place to drop to, which it hides again on this event.
        void target.dispatchEvent(dragEvent("dragleave", event, new DataTransfer()));
      if (isFileInput(target) && !target.disabled) {
        const { signal, settle } = holdDrop(target);
        return {
          ...{ signal, place: undefined },
          deliver(target, packed) {
            const isLeft = dispatch(target, packed);
            settle(isLeft ? forInput(target as HTMLInputElement, packed) : []);
            return true;
          },
          cancel(target) {
            settle();
            cancel(target);
          },
        };
      }
      const place = placeIn(target, { clientX, clientY });
      return {
        ...{ place, cancel },
        async deliver(target, packed) {
          if (!dispatch(target, packed)) return true;
          return (await place?.insert(packed.transfer, "insertFromDrop")) ?? false;
        },
      };
    },
  });
}

/** @returns whether a person is dragging something of this page */
function watchOwnDrags(): () => boolean {
  let isDragging = false;
  const end = () => {
    isDragging = false;
  };
  captureAtWindow("dragstart", (event) => {
    if (!event.isTrusted) return;
    isDragging = true;
    // Window does not hear of the end if the page removes the element.
    event.composedPath()[0]?.addEventListener("dragend", end, { capture: true, once: true });
  });
  captureAtWindow("dragend", end);
  captureAtWindow("pointerdown", end);
  return () => isDragging;
}

/** The files that an input takes of a drop, with their paths if it takes folders. */
function forInput(
  { multiple, webkitdirectory }: HTMLInputElement,
  { files }: PackedTransfer,
): PackedTransfer["files"] {
  if (webkitdirectory) return files.map(([file, path]) => [file, path.slice(1)]);
  // Those of folders do not count.
  const top = files.filter(([, path]) => path.lastIndexOf("/") <= 0).map(([file]) => [file, ""] as const);
  return multiple ? top : top.slice(0, 1);
}

/** What a drop has beside its transfer. */
const COPIED =
  "bubbles composed view screenX screenY clientX clientY button buttons ctrlKey shiftKey altKey metaKey relatedTarget";

/** An event at the same position and with the same keys as another. */
function dragEvent(type: string, like: DragEvent, dataTransfer: DataTransfer): DragEvent {
  const copied = COPIED.split(" ").map((name) => [name, like[name as keyof DragEvent]]);
  return new DragEvent(type, {
    ...Object.fromEntries(copied),
    cancelable: type === "drop",
    dataTransfer,
  });
}
