/** Pictures and other files that a person pastes, also inside of rich text. */
import type { PageContext } from "../page-context.ts";
import { innermostTarget, isElement } from "../shadow-tree.ts";
import { dispatchPaste } from "./clipboard.ts";
import { placeIn, watchInsertions } from "./place.ts";
import { watchTransfers } from "./transfer.ts";
import { copyTransfer } from "./transfer-items.ts";

/** Starts to watch pastes into this document. */
export function watchPastes(context: PageContext): void {
  watchInsertions();
  watchTransfers<ClipboardEvent>(context, {
    type: "paste",
    transferOf: ({ clipboardData }) => clipboardData,
    targetOf(event) {
      const target = event.composedPath()[0] as EventTarget;
      return isElement(target)
        ? innermostTarget(target, ({ activeElement }) => activeElement, context.shadowRootOf)
        : target;
    },
    hold(_, target) {
      const place = placeIn(target);
      return {
        place,
        async deliver(target, { transfer }) {
          const event = new ClipboardEvent("paste", {
            bubbles: true,
            cancelable: true,
            composed: true,
            clipboardData: transfer,
          });
          const own = event.clipboardData as DataTransfer;
          // In Firefox an event has an empty one whatever it is made with.
          if (own.types.length === 0) copyTransfer(transfer, own);
          context.tellEffects(own, "uninitialized", "none");
          if (dispatchPaste(target, event)) await place?.insert(transfer, "insertFromPaste");
          // Many pages take a paste without a word, so that nothing shows whether this one did.
          return true;
        },
      };
    },
  });
}
