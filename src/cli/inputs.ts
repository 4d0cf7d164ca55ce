/** What a command line names: files, and folders, which stand for all pictures in them. */
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { beginsLikePicture } from "../core/codecs/index.ts";
import { UsageError } from "./usage-error.ts";

export interface Input {
  readonly file: string;
  /** Path of the result in the folder of the results. */
  readonly name: string;
  /** Why there is nothing to read. */
  readonly error?: unknown;
}

export interface Inputs {
  readonly files: readonly Input[];
  /** How many files of folders are no pictures. */
  readonly leftOut: number;
}

/**
 * The files, those of folders sorted by their paths. A folder's results are in a folder of its name, in the same tree.
 * @param out folder of the results, which is left out where it is in one of the others
 * @throws UsageError when two results would have the same name
 */
export async function inputsOf(paths: readonly string[], out: string): Promise<Inputs> {
  const files: Input[] = [];
  let leftOut = 0;
  for (const path of paths) {
    const name = basename(resolve(path));
    try {
      if (!(await isFolder(path))) {
        files.push({ file: path, name });
        continue;
      }
      const found = await filesIn(path, out);
      let pictures = 0;
      for (const file of found) {
        if (!(await mayBePicture(file))) continue;
        files.push({ file, name: join(name, relative(path, file)) });
        pictures++;
      }
      if (pictures === 0) throw new UsageError("There is no picture in this folder.");
      leftOut += found.length - pictures;
    } catch (error) {
      files.push({ file: path, name, error });
    }
  }
  const names = new Set<string>();
  for (const { name } of files) {
    if (names.has(name))
      throw new UsageError(`two files are called "${name}", and both cannot keep that name in ${out}`);
    names.add(name);
  }
  return { files, leftOut };
}

/** What is not there is taken for a file, which then cannot be read. */
async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function filesIn(folder: string, out: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return (
    entries
      // No links, which may lead in a circle or to the same picture.
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !resolve(file).startsWith(resolve(out) + sep))
      .sort()
  );
}

/** More bytes than any format needs to be told. */
const FIRST = 512;

/** By its first bytes. What cannot be read here is taken for one, so that it is said of it why. */
async function mayBePicture(file: string): Promise<boolean> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const { buffer, bytesRead } = await handle.read(new Uint8Array(FIRST));
    return beginsLikePicture(buffer.subarray(0, bytesRead));
  } catch {
    return true;
  } finally {
    await handle?.close();
  }
}
