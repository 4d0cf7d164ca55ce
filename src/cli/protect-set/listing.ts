/** The files of a labelled set on the disk: one folder a class. */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

export interface SetListing {
  /** Paths inside the folder, "class/name", sorted. */
  readonly files: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** Class folders without a file. */
  readonly emptyFolders: readonly string[];
}

/** A file that is not part of the set, and a sentence with the reason. */
export interface LeftOut {
  readonly file: string;
  readonly reason: string;
}

/** Lists one level of folders; ignores hidden names (".name"). */
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
      else leftOut.push({ file, reason: "It is no file: a class's folder holds only files." });
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

/** SHA-256, in hex. */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
