/** What a command line names: files, and folders, which stand for all pictures in them. */
import { open, readdir, stat } from "node:fs/promises";
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
      const pictures = found.filter(({ isPicture }) => isPicture);
      if (pictures.length === 0) throw new UsageError("There is no picture in this folder.");
      leftOut += found.length - pictures.length;
      files.push(...pictures.map(({ file }) => ({ file, name: join(name, relative(path, file)) })));
    } catch (error) {
      files.push({ file: path, name, error });
    }
  }
  const names = files.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(`two files are called "${twice}", and both cannot keep that name in ${out}`);
  return { files, leftOut };
}

/** What is not there is taken for a file, which then cannot be read. */
async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function filesIn(folder: string, out: string): Promise<{ file: string; isPicture: boolean }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    // No links, which may lead in a circle or to the same picture.
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !`${resolve(file)}`.startsWith(resolve(out) + sep))
    .sort();
  return Promise.all(
    files.map(async (file) => ({ file, isPicture: beginsLikePicture(await firstBytes(file)) })),
  );
}

/** More than any format needs to be told. */
const FIRST = 512;

async function firstBytes(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(FIRST));
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
