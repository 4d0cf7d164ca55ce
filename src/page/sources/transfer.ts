/**
 * What drop and paste share: an event that carries a `DataTransfer`. The event is stopped before the page
 * receives it and the pictures are protected. Then an event of the same kind, with everything that the first
 * one carried, is dispatched at the same element.
 */
import { captureAtWindow } from "../capture-listeners.ts";
import type { PageContext } from "../page-context.ts";
import { mayBePicture } from "../pictures.ts";
import { isFileInput } from "../shadow-tree.ts";
import { hasWords, type Place } from "./place.ts";
import { type PackedTransfer, readTransfer, type TransferItems } from "./transfer-items.ts";

/** One drop or paste that is held. */
export interface HeldTransfer {
  /**
   * Dispatches the event anew with another transfer.
   *
   * @returns whether the page handled it
   */
  deliver(target: EventTarget, packed: PackedTransfer): boolean | Promise<boolean>;
  /** Tells the page that nothing comes. */
  cancel?(target: EventTarget): void;
  /** Where the browser would insert what comes, if the page leaves it to the browser. */
  readonly place: Place | undefined;
  /** Fires when a later choice replaces this one. */
  readonly signal?: AbortSignal;
}

/** What is special to a kind of event. */
export interface TransferKind<Kind extends Event> {
  /** Type of the event. */
  readonly type: string;
  transferOf(event: Kind): DataTransfer | null;
  /** The element that the event is about, also in a closed shadow root. */
  targetOf(event: Kind): EventTarget;
  /** Whether the page had all of it before. */
  isOfPage?(items: TransferItems): boolean;
  hold(event: Kind, target: EventTarget): HeldTransfer;
}

/** Starts to watch one kind of event in this document. */
export function watchTransfers<Kind extends Event>(context: PageContext, kind: TransferKind<Kind>): void {
  const { gate, handle, knownFiles, left, needsProtection, tellPaths } = context;

  function onEvent(event: Kind) {
    // An event that the page dispatches carries nothing that the page does not have.
    if (gate.state === "off" || !event.isTrusted) return;
    const transfer = kind.transferOf(event);
    if (!transfer) return;
    const items = readTransfer(transfer);
    if (!items.hasFolders && !items.hasPicturesInText && !items.files().some(needsProtection)) return;
    if (kind.isOfPage?.(items)) return;
    event.stopImmediatePropagation();
    const target = kind.targetOf(event);
    // Without an origin we cannot read a folder; the browser can, for an input that takes one, and then it is a choice.
    if (items.hasFolders && isFileInput(target) && target.webkitdirectory && self.origin === "null") return;
    event.preventDefault();
    const held = kind.hold(event, target);
    // Word processors and spreadsheets put a picture of the words beside them, which no editor takes.
    const isOfWords = gate.state === "on" && held.place && hasWords(transfer.getData("text/html"));
    void protect(held, isOfWords ? items.texts() : items, connectedTarget([target, ...event.composedPath()]));
  }

  async function protect(held: HeldTransfer, items: TransferItems, target: () => EventTarget) {
    const signal = held.signal ? AbortSignal.any([left, held.signal]) : left;
    if (items.hasFolders) await items.readFolders();
    const deliver = async (result: readonly File[]) => {
      const packed = await items.pack(result, tellPaths);
      if (signal.aborted) return true;
      // A transfer makes File objects of its own.
      for (const file of [...result, ...packed.transfer.files]) knownFiles.add(file);
      return await held.deliver(target(), packed);
    };
    const files = items.files();
    if (!files.some(mayBePicture)) return void deliver(files);
    await handle({
      files,
      signal,
      deliver,
      cancel() {
        if (!signal.aborted) held.cancel?.(target());
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
  return () => path.find((target) => (target as Partial<Node>).isConnected ?? true) ?? document;
}
