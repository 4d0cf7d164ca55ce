/**
 * What a drop or a paste carries: read out of the event's `DataTransfer` at once, and packed into another one
 * later.
 */
import type { TellPaths } from "../page-world-channel.ts";

/** A text with its type, a file, or a folder with all of its files. */
type Item = { readonly type: string; readonly text: string } | FileItem;

interface FileItem {
  /** Only of files and folders from a disk. */
  readonly entry: FileSystemEntry | null;
  /** One file, or those of a folder once it has been read. */
  readonly files: File[];
  /** Of each file the path within the drop, empty without an entry. */
  readonly paths: string[];
}

export interface TransferItems {
  /** Whether the files of a folder are still to be read. */
  readonly hasFolders: boolean;
  /** Reads the folders. Files that cannot be read are left out. */
  readFolders(): Promise<void>;
  /** All files in order, including those of the folders that have been read. */
  files(): File[];
  /**
   * Makes a transfer with the same items in the same order, but with these files, and announces their paths.
   * As in the browser's own, an empty file stands for a folder, and the page finds the folder's files through
   * its entry.
   */
  pack(files: readonly File[], tellPaths: TellPaths): DataTransfer;
}

/** Reads a transfer, whose contents the browser only shows while its event is dispatched. */
export function readTransfer(transfer: DataTransfer): TransferItems {
  const items = [...transfer.items].map((item) => readItem(item, transfer));
  const folders = items.filter(
    (item): item is FileItem => "entry" in item && item.entry?.isDirectory === true,
  );
  return {
    hasFolders: folders.length > 0,
    async readFolders() {
      await Promise.all(folders.map((item) => collectFiles(item.entry as FileSystemEntry, item)));
    },
    files: () => items.flatMap((item) => ("files" in item ? item.files : [])),
    pack: (files, tellPaths) => packItems(items, files, tellPaths),
  };
}

function readItem(item: DataTransferItem, transfer: DataTransfer): Item {
  if (item.kind !== "file") return { type: item.type, text: transfer.getData(item.type) };
  const entry = item.webkitGetAsEntry?.() ?? null;
  const result: FileItem = { entry, files: [], paths: [] };
  if (!entry?.isDirectory) addFile(item.getAsFile(), result, entry?.fullPath);
  return result;
}

function addFile(file: File | null, { files, paths }: FileItem, path = "") {
  if (!file) return;
  files.push(file);
  paths.push(path);
}

/** Adds all files below an entry, in the order in which the browser lists them. */
async function collectFiles(entry: FileSystemEntry, item: FileItem): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File | null>((resolve) =>
      (entry as FileSystemFileEntry).file(resolve, () => resolve(null)),
    );
    return addFile(file, item, entry.fullPath);
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (entries.length === 0) return;
    for (const inner of entries) await collectFiles(inner, item);
  }
}

function packItems(items: readonly Item[], files: readonly File[], tellPaths: TellPaths): DataTransfer {
  const transfer = new DataTransfer();
  const withPaths: [file: File, path: string][] = [];
  let taken = 0;
  for (const item of items) {
    if ("text" in item) {
      transfer.items.add(item.text, item.type);
      continue;
    }
    const { entry, paths } = item;
    const own = paths.map((path): [File, string] => [files[taken++] as File, path]);
    if (entry?.isDirectory) own.unshift([new File([], entry.name), `${entry.fullPath}/`]);
    if (own[0]) transfer.items.add(own[0][0]);
    if (entry) withPaths.push(...own);
  }
  tellPaths(
    withPaths.map(([file]) => file),
    withPaths.map(([, path]) => path),
  );
  return transfer;
}
