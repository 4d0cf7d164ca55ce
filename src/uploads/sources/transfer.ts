/**
 * What drop and paste have in common: an event that carries a `DataTransfer`. The event is swallowed before the page hears it,
 * the pictures are protected, and the page hears of it later by an event of the same kind, at the same element, with all
 * that the first one carried.
 */

import type { HandleChoice } from "../choice.ts";
import { listenFirst } from "../first.ts";
import type { Gate } from "../gate.ts";
import { mayBePicture } from "../pictures.ts";

/** Something carried: a text with its type, or a file of which there may be several once a folder is opened. */
type Item = { readonly type: string; readonly text: string } | { readonly files: File[] };

export interface Source<Kind extends Event> {
  /** Type of the event. */
  readonly type: string;
  readonly transferOf: (event: Kind) => DataTransfer | null;
  /** The element that the event is about. */
  readonly targetOf: (event: Kind) => EventTarget;
  /** Lets the page hear of it again, with these things instead. */
  readonly deliver: (event: Kind, target: EventTarget, transfer: DataTransfer) => void;
  readonly cancel?: (event: Kind, target: EventTarget) => void;
}

/** Starts to watch one kind of event. @param delivered as in `watchInputs` */
export function watchTransfers<Kind extends Event>(
  gate: Gate,
  handle: HandleChoice,
  delivered: WeakSet<File>,
  source: Source<Kind>,
): void {
  const left = new AbortController();

  function onEvent(event: Kind) {
    // An event of the page's own making carries nothing that the page does not have.
    if (gate.state === "off" || !event.isTrusted) return;
    const transfer = source.transferOf(event);
    if (!transfer?.types.includes("Files")) return;
    const { items, folders } = open(transfer);
    const known = filesOf(items);
    if (folders.length === 0 && known.every((file) => delivered.has(file) || !mayBePicture(file))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const path = event.composedPath();
    const target = source.targetOf(event);
    // Pages draw themselves anew; what is left of the way up still knows what to do.
    const place = () =>
      [target, ...path].find((step) => !(step instanceof Node) || step.isConnected) ?? document;
    void (async () => {
      await Promise.all(folders.map((open) => open()));
      const deliver = (files: readonly File[]) => {
        if (left.signal.aborted) return;
        for (const file of files) delivered.add(file);
        source.deliver(event, place(), pack(items, files));
      };
      const files = filesOf(items);
      if (!files.some(mayBePicture)) return deliver(files);
      await handle({
        files,
        signal: left.signal,
        deliver,
        cancel: () => left.signal.aborted || source.cancel?.(event, place()),
      });
    })();
  }

  listenFirst(source.type, onEvent as (event: Event) => void);
  window.addEventListener("pagehide", ({ persisted }) => persisted || left.abort());
}

/** Takes everything out of a transfer, which is readable only now; folders are to be opened later. */
function open(transfer: DataTransfer): { items: Item[]; folders: (() => Promise<void>)[] } {
  const folders: (() => Promise<void>)[] = [];
  const items = [...transfer.items].map((item): Item => {
    if (item.kind !== "file") return { type: item.type, text: transfer.getData(item.type) };
    const entry = item.webkitGetAsEntry?.();
    const files: File[] = [];
    if (entry?.isDirectory) folders.push(() => collect(entry, files));
    else {
      const file = item.getAsFile();
      if (file) files.push(file);
    }
    return { files };
  });
  return { items, folders };
}

/** All files in a folder, in the order in which the browser lists them. What cannot be read is left out. */
async function collect(entry: FileSystemEntry, files: File[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File | undefined>((resolve) =>
      (entry as FileSystemFileEntry).file(resolve, () => resolve(undefined)),
    );
    if (file) files.push(file);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (entries.length === 0) return;
    for (const inner of entries) await collect(inner, files);
  }
}

function filesOf(items: readonly Item[]): File[] {
  return items.flatMap((item) => ("files" in item ? item.files : []));
}

/** A transfer with the same things in the same order, but these files. */
function pack(items: readonly Item[], files: readonly File[]): DataTransfer {
  const transfer = new DataTransfer();
  let taken = 0;
  for (const item of items) {
    if ("text" in item) transfer.items.add(item.text, item.type);
    else for (const _ of item.files) transfer.items.add(files[taken++] as File);
  }
  return transfer;
}
