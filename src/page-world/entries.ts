/**
 * The entries by which a page walks through what was dropped. A real one would lead to the original, and scripts cannot make
 * any, so these are look-alikes with what pages use of them. Behind them are only files that the page may have, so that
 * a page that changes the prototypes used here deceives nobody but itself.
 */

/** As much of a `FileSystemEntry` as there is. */
export interface Entry {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly name: string;
  readonly fullPath: string;
  /** Only of a file. */
  file?(success: (file: File) => void): void;
  /** Only of a folder. All that is in it comes at once, and then nothing. */
  createReader?(): { readEntries(success: (entries: readonly Entry[]) => void): void };
}

/** The entry at a path, which is a file if it is among the files and otherwise a folder. */
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
      let rest = entriesIn(fullPath, files);
      return {
        readEntries(success) {
          setTimeout(success, 0, rest);
          rest = [];
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
