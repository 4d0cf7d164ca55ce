/**
 * Entries through which a page walks through what was dropped. A real one would lead to the original, and
 * scripts cannot make any, so these are plain objects with the properties that pages use. They only contain
 * files that the page may have, so that a page that patches the prototypes used here gains nothing.
 */

/** The supported part of a `FileSystemEntry`. */
export interface Entry {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly name: string;
  readonly fullPath: string;
  /** Only of a file. */
  file?(success: (file: File) => void): void;
  /**
   * Only of a folder. The first call of `readEntries` gives all entries, and each later one an empty list.
   */
  createReader?(): { readEntries(success: (entries: readonly Entry[]) => void): void };
}

/**
 * Makes the entry at a path: of a file if the path is among the files, otherwise of a folder.
 *
 * @param files all files of the drop by their paths
 */
export function createEntry(fullPath: string, files: ReadonlyMap<string, File>): Entry {
  const name = fullPath.slice(fullPath.lastIndexOf("/") + 1);
  const file = files.get(fullPath);
  if (file)
    return {
      ...{ isFile: true, isDirectory: false, name, fullPath },
      file: (success) => setTimeout(success, 0, file),
    };
  return {
    ...{ isFile: false, isDirectory: true, name, fullPath },
    createReader() {
      let unread = entriesIn(fullPath, files);
      return {
        readEntries(success) {
          setTimeout(success, 0, unread);
          unread = [];
        },
      };
    },
  };
}

function entriesIn(folder: string, files: ReadonlyMap<string, File>): readonly Entry[] {
  const below = [...files.keys()].filter((path) => path.startsWith(`${folder}/`));
  const names = new Set(below.map((path) => path.slice(folder.length + 1).split("/")[0]));
  return [...names].map((name) => createEntry(`${folder}/${name}`, files));
}
