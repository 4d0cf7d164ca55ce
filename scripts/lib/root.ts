/** Where things are: the repository's root and the programs of its packages. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const BINS = {
  biome: "@biomejs/biome/bin/biome",
  knip: "knip/bin/knip.js",
  tsc: "typescript/bin/tsc",
  vitest: "vitest/vitest.mjs",
  wxt: "wxt/bin/wxt.mjs",
} as const;

/** The script of a package's program, to be run by the present Node: the same on every system, without a shell. */
export function bin(name: keyof typeof BINS): string {
  return join(ROOT, "node_modules", ...BINS[name].split("/"));
}
