/**
 * The paths of protected files, which scripts cannot give to files: those of a dropped folder, and of one
 * chosen in an input.
 */
import type { FilePaths as Paths } from "../bridge/page-channel.ts";
import { createEntry, type Entry } from "./entry.ts";
import { privateMap } from "./natives.ts";

export interface FilePaths {
  /** Remembers the files of a transfer by their {@link Paths}, as JSON. */
  accept(transfer: DataTransfer, paths: string): void;
  /** For `webkitGetAsEntry`: the entry of a file, or of the folder that an empty file stands for. */
  entryOf(file: File): Entry | undefined;
  /** For `webkitRelativePath`. */
  relativePathOf(file: File): string | undefined;
}

export function createFilePaths(): FilePaths {
  const entries = privateMap<File, Entry>();
  const relativePaths = privateMap<File, string>();
  return {
    accept(transfer, text) {
      const paths = JSON.parse(text) as Paths;
      const dropped = [...transfer.files].map((file, i) => [paths[i] as string, file] as const);
      const files = new Map(dropped.filter(([path]) => !path.endsWith("/")));
      for (const [path, file] of dropped) {
        if (!path.startsWith("/")) relativePaths.set(file, path);
        const fullPath = path.replace(/\/$/, "");
        // Only what was dropped itself has an entry; the rest is found below it.
        if (fullPath.lastIndexOf("/") === 0) entries.set(file, createEntry(fullPath, files));
      }
    },
    entryOf: entries.get,
    relativePathOf: relativePaths.get,
  };
}
