/**
 * `npm run bench:size [-- PHOTO [ROUNDS]]`: the time for twelve megapixels as a multiple of that for one,
 * measured on whole `penumbra protect` commands in turns, so that other work on the machine slows both alike.
 * Exits with status 1 above 2.5.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFromNodeModules } from "../src/cli/codec-binaries.ts";
import { decode, encodeJpegAt, setWasmLoader, sniff } from "../src/core/codecs/index.ts";
import { resizedPixels } from "./lib/resized-pixels.ts";
import { ROOT } from "./lib/root.ts";

const LIMIT = 2.5;
const SIZES = { small: 1e6, large: 12e6 } as const;
const QUALITY = 90;

const [photo = join(ROOT, "demo", "photos", "coffee.png"), rounds = "3"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "penumbra-bench-"));

setWasmLoader(loadFromNodeModules);
const bytes = new Uint8Array(readFileSync(photo));
const original = await decode(bytes, sniff(bytes));
for (const [name, pixels] of Object.entries(SIZES)) {
  const scale = Math.sqrt(pixels / (original.width * original.height));
  const sized = resizedPixels(
    original,
    Math.round(original.width * scale),
    Math.round(original.height * scale),
  );
  writeFileSync(join(folder, `${name}.jpg`), await encodeJpegAt(sized, QUALITY));
}

function seconds(name: keyof typeof SIZES): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(ROOT, "bin", "penumbra.mjs"),
      "protect",
      join(folder, `${name}.jpg`),
      "--out",
      join(folder, "out"),
      "--seed",
      "1",
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return (performance.now() - start) / 1000;
}

const ratios: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const small = seconds("small");
  const large = seconds("large");
  ratios.push(large / small);
  console.log(`1 MP ${small.toFixed(1)} s, 12 MP ${large.toFixed(1)} s, ratio ${(large / small).toFixed(2)}`);
}
rmSync(folder, { recursive: true });
const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] as number;
console.log(`median ratio ${median.toFixed(2)}, at most ${LIMIT}`);
process.exitCode = median > LIMIT ? 1 : 0;
