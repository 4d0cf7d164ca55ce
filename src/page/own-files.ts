/** Files that Penumbra made or let through on this page: they pass as they are, so that nothing is protected twice. */
import { download, isProtectedName, protectedName } from "./download.ts";

export interface OwnFiles {
  /** The page has this file from us: it passes wherever the page takes it. */
  add(file: File): void;
  /** Saves files, which pass when the person chooses them from the disk. */
  save(files: readonly File[]): void;
  has(file: File): boolean;
}

export function createOwnFiles(): OwnFiles {
  const given = new WeakSet<File>();
  const savedSizes = new Set<number>();
  return {
    add: (file) => void given.add(file),
    save(files) {
      for (const file of files) {
        savedSizes.add(file.size);
        download(file, protectedName(file.name));
      }
    },
    // It has to be known at once, before the bytes can be read.
    has: (file) => given.has(file) || (savedSizes.has(file.size) && isProtectedName(file.name)),
  };
}
