/**
 * What drop and paste have in common: an event that carries a `DataTransfer`. The event is swallowed before the page hears it,
 * the pictures are protected, and the page hears of it later by an event of the same kind, at the same element, with all
 * that the first one carried.
 */

import type { TellPlaces } from "../../bridge/page-channel.ts";
import type { HandleChoice } from "../choice.ts";
import { listenFirst } from "../first.ts";
import type { Gate } from "../gate.ts";
import type { OwnFiles } from "../own-files.ts";
import { mayBePicture } from "../pictures.ts";

/** Something carried: a text with its type, or a file of which there may be several once a folder is opened. */
type Item = { readonly type: string; readonly text: string } | Carried;

interface Carried {
  /** Only of what comes from a disk. */
  readonly entry: FileSystemEntry | null;
  readonly files: File[];
  /** Of each file within the drop. */
  readonly paths: string[];
}

export interface Source<Kind extends Event> {
  /** Type of the event. */
  readonly type: string;
  readonly transferOf: (event: Kind) => DataTransfer | null;
  /** The element that the event is about. */
  readonly targetOf: (event: Kind) => EventTarget;
  /** Lets the page hear of it again, with these things instead. @param files also those in folders @returns whether it took notice */
  readonly deliver: (
    event: Kind,
    target: EventTarget,
    transfer: DataTransfer,
    files: readonly File[],
  ) => boolean;
  readonly cancel?: (event: Kind, target: EventTarget) => void;
}

/** Starts to watch one kind of event. @param own as in `watchInputs` */
export function watchTransfers<Kind extends Event>(
  gate: Gate,
  handle: HandleChoice,
  own: OwnFiles,
  tellPlaces: TellPlaces,
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
    if (folders.length === 0 && known.every((file) => own.has(file) || !mayBePicture(file))) return;
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
        if (left.signal.aborted) return true;
        const transfer = pack(items, files, tellPlaces);
        for (const file of [...files, ...transfer.files]) own.add(file);
        return source.deliver(event, place(), transfer, files);
      };
      const files = filesOf(items);
      if (!files.some(mayBePicture)) return void deliver(files);
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
    const carried: Carried = { entry: item.webkitGetAsEntry?.() ?? null, files: [], paths: [] };
    const { entry } = carried;
    if (entry?.isDirectory) folders.push(() => collect(entry, carried));
    else add(item.getAsFile(), carried);
    return carried;
  });
  return { items, folders };
}

function add(file: File | null, { entry, files, paths }: Carried, path = entry?.fullPath) {
  if (!file) return;
  files.push(file);
  paths.push(path ?? "");
}

/** All files in a folder, in the order in which the browser lists them. What cannot be read is left out. */
async function collect(entry: FileSystemEntry, carried: Carried): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File | null>((resolve) =>
      (entry as FileSystemFileEntry).file(resolve, () => resolve(null)),
    );
    add(file, carried, entry.fullPath);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (entries.length === 0) return;
    for (const inner of entries) await collect(inner, carried);
  }
}

function filesOf(items: readonly Item[]): File[] {
  return items.flatMap((item) => ("files" in item ? item.files : []));
}

/**
 * A transfer with the same things in the same order, but these files. As in the browser's own, an empty file stands for a
 * folder, and the page finds what is in it by its entry.
 */
function pack(items: readonly Item[], files: readonly File[], tellPlaces: TellPlaces): DataTransfer {
  const transfer = new DataTransfer();
  const dropped: [File, string][] = [];
  let taken = 0;
  for (const item of items) {
    if ("text" in item) {
      transfer.items.add(item.text, item.type);
      continue;
    }
    const { entry, paths } = item;
    const places = paths.map((path): [File, string] => [files[taken++] as File, path]);
    if (entry?.isDirectory) places.unshift([new File([], entry.name), `${entry.fullPath}/`]);
    if (places[0]) transfer.items.add(places[0][0]);
    if (entry) dropped.push(...places);
  }
  tellPlaces(
    dropped.map(([file]) => file),
    dropped.map(([, path]) => path),
  );
  return transfer;
}
