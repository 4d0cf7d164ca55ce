/** A small disk in memory, which can be filled up. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Disk {
  readonly folder: string;
  /** Leaves not a byte. */
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** Makes a disk of some megabytes, where this user may do that. */
export async function makeDisk(megabytes: number): Promise<Disk | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "penumbra-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
  } catch {
    await rm(folder, { recursive: true });
    return undefined;
  }
  const filler = join(folder, "filler");
  return {
    folder,
    async fill() {
      const error = await writeFile(filler, Buffer.alloc(megabytes * 2 ** 20)).catch((cause) => cause);
      if (error?.code !== "ENOSPC") throw new Error(`expected a full disk, got ${error}`);
    },
    free: () => rm(filler),
    async remove() {
      await run("umount", ["--lazy", folder]);
      await rm(folder, { recursive: true });
    },
  };
}
