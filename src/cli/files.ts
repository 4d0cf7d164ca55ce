/** Reads and writes pictures on the disk, and says in words why not. */
import { randomUUID } from "node:crypto";
import { lstat, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { UsageError } from "./usage-error.ts";

/** Sentences for the error codes of the file system. */
const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file.",
  ENOTDIR: "a part of this path is not a folder.",
  EEXIST: "there is a file of this name already.",
  EACCES: "the file may not be read or written here.",
  EPERM: "the file may not be read or written here.",
  EISDIR: "this is a folder, not a picture.",
  ELOOP: "the links of this path lead in a circle.",
  ENAMETOOLONG: "this name is too long for the disk.",
  EROFS: "this disk can only be read.",
  ENOSPC: "the disk is full; nothing was written.",
  EDQUOT: "your share of the disk is full; nothing was written.",
};

/** The sentence for an error of the file system; `undefined` for any other. */
export function fileError(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? FILE_ERRORS[String(error.code)] : undefined;
}

/** @throws UsageError for what is no file, such as a pipe, from which reading would never end */
export async function readBytes(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const found = await stat(file);
  if (found.isDirectory()) throw new UsageError(FILE_ERRORS.EISDIR as string);
  if (!found.isFile()) throw new UsageError("this is a pipe or a device, not a picture.");
  return new Uint8Array(await readFile(file));
}

/** @throws UsageError if a path leads to one of these files, under whatever name they are reached */
export async function refuseInputs(path: string, inputs: readonly string[]): Promise<void> {
  const there = await identitiesOf(path);
  // Mostly there is nothing yet, and nothing to compare with each input.
  if (there.length === 0) return;
  for (const input of inputs)
    if ((await identitiesOf(input)).some((identity) => there.includes(identity)))
      throw new UsageError("The result would overwrite the picture itself; choose another --out.");
}

/**
 * Writes a file whole or not at all: beside its place first, and then moved there. A link at its place is
 * replaced and never written through.
 *
 * @param inputs files that must not be overwritten
 * @throws UsageError if it would replace one of them
 */
export async function writeWhole(
  path: string,
  bytes: Uint8Array,
  inputs: readonly string[] = [],
): Promise<void> {
  await refuseInputs(path, inputs);
  const beside = `${path}.${randomUUID().slice(0, 8)}.part`;
  try {
    await writeFile(beside, bytes, { flag: "wx", flush: true });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** What tells a file from others on this computer, whatever its name: of a link itself, and of what it leads to. */
async function identitiesOf(path: string): Promise<string[]> {
  const found = await Promise.all([lstat, stat].map((look) => look(path).catch(() => undefined)));
  return found.flatMap((file) => (file ? `${file.dev} ${file.ino}` : []));
}
