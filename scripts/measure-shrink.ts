/**
 * `npm run measure:shrink [-- --photos DIR] [--every N] [--longest-side N] [--enlarge K]`: whether it helps
 * to shrink a picture before protecting it as a site would after. Each photograph (enlarged K times, since
 * those of the set are small) is protected with and without shrinking; then the site shrinks it to N pixels
 * and encodes it as JPEG 75.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createPenumbra } from "../src/cli/penumbra.ts";
import { decode, encode, encodeJpegAt, sniff } from "../src/core/codecs/index.ts";
import { DEFAULT_REQUEST } from "../src/core/contract/protection-request.ts";
import { shrinkTo } from "../src/core/engine/shrink.ts";
import { resizedPixels } from "./lib/resized-pixels.ts";
import { ROOT } from "./lib/root.ts";

const EPSILON = 8 / 255;
const SITE_QUALITY = 75;

const { values } = parseArgs({
  options: {
    photos: { type: "string", default: join(ROOT, "..", "shared", "photos") },
    every: { type: "string", default: "10" },
    "longest-side": { type: "string", default: "256" },
    enlarge: { type: "string", default: "1" },
  },
});
const longestSide = Number(values["longest-side"]);
const { surrogate } = DEFAULT_REQUEST;
// The script measures the label error.
const objective = "overlap" as const;
const { protect, measure } = createPenumbra();

async function enlarged(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const by = Number(values.enlarge);
  if (by === 1) return bytes;
  const info = sniff(bytes);
  const { width, height, data } = await decode(bytes, info);
  return encode(resizedPixels({ width, height, data }, width * by, height * by), { info });
}

async function throughSite(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return encodeJpegAt(shrinkTo(await decode(bytes, sniff(bytes)), longestSide), SITE_QUALITY);
}

const files = readdirSync(values.photos)
  .filter((name) => /\.jpe?g$/i.test(name))
  .filter((_, i) => i % Number(values.every) === 0);
const rows: number[][] = [];
for (const file of files) {
  const bytes = await enlarged(new Uint8Array(readFileSync(join(values.photos, file))));
  const clean = await measure(await throughSite(bytes), { surrogate });
  const { label } = clean;
  const row = [clean.labelError];
  for (const shrink of [{}, { longestSide }]) {
    const request = { epsilon: EPSILON, surrogate, objective, label, seed: 1, ...shrink };
    const { bytes: out } = await protect(bytes, request);
    row.push((await measure(await throughSite(out), { surrogate, label })).labelError);
  }
  rows.push(row);
  console.log(`${file}: ${row.map((value) => value.toFixed(3)).join("  ")}`);
}
const column = (i: number) => rows.map((row) => row[i] as number);
const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
console.log(`
${files.length} photographs, enlarged ${values.enlarge} times, site: ${longestSide} pixels and JPEG ${SITE_QUALITY}

| label error after the site | mean | lowest |
| --- | ---: | ---: |
${["clean", "protected as it is", "shrunk first"]
  .map((name, i) => `| ${name} | ${mean(column(i)).toFixed(3)} | ${Math.min(...column(i)).toFixed(3)} |`)
  .join("\n")}`);
