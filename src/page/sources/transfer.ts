/**
 * What drop and paste share: an event that carries a `DataTransfer`. The event is stopped before the page
 * receives it and the pictures are protected. Then an event of the same kind, with everything that the first
 * one carried, is dispatched at the same element.
 */
import { captureAtWindow } from "../capture-listeners.ts";
import type { PageContext } from "../page-context.ts";
import { mayBePicture } from "../pictures.ts";
import { readTransfer, type TransferItems } from "./transfer-items.ts";

/** What is special to a kind of event. */
export interface TransferKind<Kind extends Event> {
  /** Type of the event. */
  readonly type: string;
  transferOf(event: Kind): DataTransfer | null;
  /** The element that the event is about, also in a closed shadow root. */
  targetOf(event: Kind): EventTarget;
  /**
   * Dispatches the event anew with another transfer.
   *
   * @param files all files, also those of folders, which the transfer does not show
   * @returns whether the page handled it
   */
  deliver(event: Kind, target: EventTarget, transfer: DataTransfer, files: readonly File[]): boolean;
  /** Tells the page that nothing comes. */
  cancel?(event: Kind, target: EventTarget): void;
}

/** Starts to watch one kind of event in this document. */
export function watchTransfers<Kind extends Event>(context: PageContext, kind: TransferKind<Kind>): void {
  const { gate, handle, knownFiles, left, needsProtection, tellPaths } = context;

  function onEvent(event: Kind) {
    // An event that the page dispatches carries nothing that the page does not have.
    if (gate.state === "off" || !event.isTrusted) return;
    const transfer = kind.transferOf(event);
    if (!transfer?.types.includes("Files")) return;
    const items = readTransfer(transfer);
    if (!items.hasFolders && !items.files().some(needsProtection)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void hold(event, items, connectedTarget([kind.targetOf(event), ...event.composedPath()]));
  }

  async function hold(event: Kind, items: TransferItems, target: () => EventTarget) {
    await items.readFolders();
    const deliver = (result: readonly File[]) => {
      if (left.aborted) return true;
      const transfer = items.pack(result, tellPaths);
      // A transfer makes File objects of its own.
      for (const file of [...result, ...transfer.files]) knownFiles.add(file);
      return kind.deliver(event, target(), transfer, result);
    };
    const files = items.files();
    if (!files.some(mayBePicture)) return void deliver(files);
    await handle({
      files,
      signal: left,
      deliver,
      cancel() {
        if (!left.aborted) kind.cancel?.(event, target());
      },
    });
  }

  captureAtWindow(kind.type, onEvent as (event: Event) => void);
}

/**
 * The first of these targets that is still in the page: pages replace elements meanwhile, but rarely all
 * ancestors.
 */
function connectedTarget(path: readonly EventTarget[]): () => EventTarget {
  return () => path.find((target) => !(target instanceof Node) || target.isConnected) ?? document;
}
