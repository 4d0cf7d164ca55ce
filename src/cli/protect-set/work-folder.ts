/**
 * The folder in which a long run keeps its results so far. A file is written whole or not at all, so a run
 * that was killed leaves only complete files.
 */
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { writeWhole } from "../files.ts";

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
    put: (name, value) => writeWithFolders(join(path, name), serialize(value)),
    clear: () => rm(path, { recursive: true, force: true }),
  };
}

/** Writes a file and its folders; nobody ever sees the file half written. */
export async function writeWithFolders(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, bytes);
}

/** Moves a file, unless an earlier run already did. */
export async function moveOnce(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to).catch(async (error) => {
    if (error.code !== "ENOENT") throw error;
    await readFile(to);
  });
}
