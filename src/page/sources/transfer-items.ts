/**
 * What a drop or a paste carries: read out of the event's `DataTransfer` at once, and packed into another one
 * later.
 */
import { type TellPaths, withRightsOfPage } from "../page-world-channel.ts";
import { picturesIn, type TextPictures } from "./text-pictures.ts";

/** A text with its type, a file, or a folder with all of its files. */
type Item = TextItem | FileItem;

interface TextItem extends TextPictures {
  readonly type: string;
}

interface FileItem {
  /** Only of files and folders from a disk. */
  readonly entry: FileSystemEntry | null;
  /** One file, or those of a folder once it has been read. */
  readonly files: File[];
  /** Of each file the path within the drop, empty without an entry. */
  readonly paths: string[];
}

/** A transfer with other files. */
export interface PackedTransfer {
  readonly transfer: DataTransfer;
  /** All files with their paths, also those of folders, which the transfer does not show. */
  readonly files: readonly (readonly [file: File, path: string])[];
}

export interface TransferItems {
  /** Whether the files of a folder are still to be read. */
  readonly hasFolders: boolean;
  /** Whether a text has something in it that the page may not have as it is. */
  readonly hasPicturesInText: boolean;
  /** Whether a file is not from a disk, but out of another page or program. */
  readonly isOffDisk: boolean;
  /** Reads the folders. Files that cannot be read are left out. */
  readFolders(): Promise<void>;
  /** All files in order, including pictures in texts and those of the folders that have been read. */
  files(): File[];
  /** The same without files. */
  texts(): TransferItems;
  /**
   * Makes a transfer with the same items in the same order, but with these files, and announces their paths.
   * As in the browser's own, an empty file stands for a folder, and the page finds the folder's files through
   * its entry.
   */
  pack(files: readonly File[], tellPaths: TellPaths): Promise<PackedTransfer>;
}

/** Reads a transfer, whose contents the browser only shows while its event is dispatched. */
export function readTransfer(transfer: DataTransfer): TransferItems {
  return itemsOf([...transfer.items].map((item) => readItem(item, transfer)));
}

function itemsOf(items: readonly Item[]): TransferItems {
  const isFile = (item: Item): item is FileItem => "files" in item;
  const folders = items.filter(isFile).filter(({ entry }) => entry?.isDirectory);
  return {
    hasFolders: folders.length > 0,
    hasPicturesInText: items.some((item) => "isPlain" in item && !item.isPlain),
    isOffDisk: items.every((item) => !isFile(item) || !item.entry),
    async readFolders() {
      await Promise.all(folders.map((item) => collectFiles(item.entry as FileSystemEntry, item)));
    },
    files: () => items.flatMap(filesIn),
    texts: () => itemsOf(items.filter((item) => !isFile(item))),
    pack: (files, tellPaths) => packItems(items, files, tellPaths),
  };
}

function filesIn(item: Item): readonly File[] {
  return "files" in item ? item.files : item.pictures;
}

function readItem(item: DataTransferItem, transfer: DataTransfer): Item {
  const { type } = item;
  if (item.kind !== "file") return { type, ...picturesIn(transfer.getData(type)) };
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

/** Adds the items of a transfer to an empty one. */
export function copyTransfer(from: DataTransfer, to: DataTransfer): void {
  const { items } = withRightsOfPage(to);
  for (const type of from.types) if (type !== "Files") items.add(from.getData(type), type);
  for (const file of from.files) items.add(file);
}

async function packItems(
  items: readonly Item[],
  files: readonly File[],
  tellPaths: TellPaths,
): Promise<PackedTransfer> {
  const transfer = new DataTransfer();
  const { items: packed } = withRightsOfPage(transfer);
  const own: [file: File, path: string][] = [];
  const announced: [file: File, path: string][] = [];
  const rest = [...files];
  for (const item of items) {
    const results = rest.splice(0, filesIn(item).length);
    if (!("files" in item)) {
      packed.add(await item.replace(results), item.type);
      continue;
    }
    const { entry, paths } = item;
    const withPaths = results.map((file, i): [File, string] => [file, paths[i] ?? ""]);
    own.push(...withPaths);
    if (entry?.isDirectory) withPaths.unshift([new File([], entry.name), `${entry.fullPath}/`]);
    if (withPaths[0]) packed.add(withPaths[0][0]);
    if (entry) announced.push(...withPaths);
  }
  tellPaths(
    announced.map(([file]) => file),
    announced.map(([, path]) => path),
  );
  return { transfer, files: own };
}
