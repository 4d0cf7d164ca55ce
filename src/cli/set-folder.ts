/**
 * A labelled set on the disk, one folder a class, and the work folder in which a long run keeps what it has. Whatever is
 * written appears whole or not at all, so a run that was killed finds only finished things.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";

export interface SetListing {
  /** Paths inside the folder, "class/name", sorted. */
  readonly files: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** Class folders without a file. */
  readonly emptyFolders: readonly string[];
}

/** A file that is not part of the set, and a sentence that says why. */
export interface LeftOut {
  readonly file: string;
  readonly reason: string;
}

/** Looks one level deep; what is hidden (".name") is not meant. */
export async function listSet(folder: string): Promise<SetListing> {
  const files: string[] = [];
  const leftOut: LeftOut[] = [];
  const emptyFolders: string[] = [];
  for (const top of await visible(folder)) {
    if (!top.isDirectory()) {
      leftOut.push({ file: top.name, reason: "It is in no class: each class is a folder." });
      continue;
    }
    const entries = await visible(join(folder, top.name));
    if (entries.length === 0) emptyFolders.push(top.name);
    for (const entry of entries) {
      const file = `${top.name}/${entry.name}`;
      if (entry.isFile()) files.push(file);
      else leftOut.push({ file, reason: "Only files are looked for in a class's folder." });
    }
  }
  return { files, leftOut, emptyFolders };
}

async function visible(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith("."))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Named values in a folder: anything that can be cloned, typed arrays too. */
export interface WorkFolder {
  readonly path: string;
  get<T>(name: string): Promise<T | undefined>;
  put(name: string, value: unknown): Promise<void>;
  clear(): Promise<void>;
}

export function openWorkFolder(path: string): WorkFolder {
  return {
    path,
    get: async (name) => {
      const bytes = await readFile(join(path, name)).catch((error) => {
        if (error.code !== "ENOENT") throw error;
      });
      return bytes && deserialize(bytes);
    },
    put: (name, value) => writeWhole(join(path, name), serialize(value)),
    clear: () => rm(path, { recursive: true, force: true }),
  };
}

/** Writes a file, and its folders, such that it is never seen half-written. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, bytes, { flush: true });
  await rename(`${path}.part`, path);
}

/** Moves a file, unless an earlier run already did. */
export async function moveOnce(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to).catch(async (error) => {
    if (error.code !== "ENOENT") throw error;
    await readFile(to);
  });
}
