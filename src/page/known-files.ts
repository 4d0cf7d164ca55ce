/**
 * Files that the page received from Penumbra. They are not protected again, whichever input or drop they turn
 * up in next.
 */
import { download, isProtectedName, protectedName } from "./download.ts";

export interface KnownFiles {
  /** Remembers a file that the page receives now. */
  add(file: File): void;
  /** Downloads files and remembers them, so that the person can choose them from the disk. */
  save(files: readonly File[]): void;
  has(file: File): boolean;
}

export function createKnownFiles(): KnownFiles {
  const delivered = new WeakSet<File>();
  const savedSizes = new Set<number>();
  return {
    add: (file) => void delivered.add(file),
    save(files) {
      for (const file of files) {
        savedSizes.add(file.size);
        download(file, protectedName(file.name));
      }
    },
    // Size and name, because the answer is needed within an event, before the bytes can be read.
    has: (file) => delivered.has(file) || (savedSizes.has(file.size) && isProtectedName(file.name)),
  };
}
