/**
 * `npm run measure:photos [-- --photos DIR] [--every N] [--objectives A,B] [--out FILE.md]`: protects each
 * photograph of a folder with several objectives and prints figures measured on the finished files: errors
 * before and after, also when a site has shrunk the picture and encoded it again, and how much it changed.
 * Takes some seconds a photograph, on all cores.
 */

import { fork } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createPenumbra } from "../src/cli/penumbra.ts";
import { decode, encode, encodeJpegAt, sniff } from "../src/core/codecs/index.ts";
import type { Pixels } from "../src/core/contract/pixels.ts";
import type { ProtectionReport } from "../src/core/contract/protected-picture.ts";
import { DEFAULT_REQUEST, OBJECTIVES } from "../src/core/contract/protection-request.ts";
import { errorsOf, type PictureErrors, type Prediction, predict } from "../src/core/engine/prediction.ts";
import { toScale } from "../src/core/engine/scaled-picture.ts";
import { type Row, SITE_QUALITY, table } from "./lib/photo-table.ts";
import { resizedPixels } from "./lib/resized-pixels.ts";
import { ROOT } from "./lib/root.ts";
import { bar, live, rewrite } from "./lib/terminal.ts";

const EPSILON = 8 / 255;

const { values } = parseArgs({
  options: {
    photos: { type: "string", default: join(ROOT, "..", "shared", "photos") },
    every: { type: "string", default: "1" },
    objectives: { type: "string", default: "features,overlap,bayes-error" },
    out: { type: "string" },
    png: { type: "boolean", default: false },
  },
});
const files = readdirSync(values.photos)
  .filter((name) => /\.(jpe?g|png|webp)$/i.test(name))
  .filter((_, i) => i % Number(values.every) === 0);

const objectives = OBJECTIVES.filter((id) => values.objectives.split(",").includes(id));

if (process.send) await work();
else await distribute();

/** In each of several processes: receives file names, sends rows. */
async function work(): Promise<void> {
  const { protect, loadModel } = createPenumbra();
  const { surrogate } = await loadModel(DEFAULT_REQUEST.surrogate);
  const errors = async (pixels: Pixels, clean: Prediction): Promise<PictureErrors> =>
    errorsOf(await predict(toScale(pixels, surrogate), surrogate), clean, clean.label, surrogate);
  const jpeg = async (pixels: Pixels) => {
    const bytes = await encodeJpegAt(pixels, SITE_QUALITY);
    return decode(bytes, sniff(bytes));
  };
  process.on("message", async (file: string) => {
    const bytes = new Uint8Array(readFileSync(join(values.photos, file)));
    const rows: Row[] = [];
    const clean = await predict(toScale(await decode(bytes, sniff(bytes)), surrogate), surrogate);
    for (const objective of objectives) {
      const request = { epsilon: EPSILON, surrogate: surrogate.id, objective, seed: 1 };
      const { bytes: out, report } = await protect(bytes, request);
      const final = await decode(out, sniff(out));
      const half = resizedPixels(final, Math.ceil(final.width / 2), Math.ceil(final.height / 2));
      rows.push({
        file,
        objective,
        report,
        jpeg: await errors(await jpeg(final), clean),
        half: await errors(half, clean),
        halfAndJpeg: await errors(await jpeg(half), clean),
        ...(values.png && { pngMaxChange: await throughPng(bytes, (png) => protect(png, request)) }),
      });
    }
    process.send?.(rows);
  });
  process.send?.([]);
}

/** Protects a photograph as PNG, and gives the largest change in the protected PNG. */
async function throughPng(
  bytes: Uint8Array<ArrayBuffer>,
  protect: (png: Uint8Array<ArrayBuffer>) => Promise<{ report: ProtectionReport }>,
): Promise<number> {
  const info = sniff(bytes);
  const png = await encode(await decode(bytes, info), {
    info: {
      type: "image/png",
      width: info.width,
      height: info.height,
      orientation: 1,
      grey: false,
      alpha: false,
      components: 3,
      bitDepth: 8,
    },
    bytes: bytes.length,
  });
  return (await protect(png)).report.maxChange;
}

async function distribute(): Promise<void> {
  const rows: Row[] = [];
  const waiting = [...files];
  const started = performance.now();
  await Promise.all(
    Array.from({ length: Math.min(availableParallelism(), files.length) }, async () => {
      const worker = fork(import.meta.filename, process.argv.slice(2));
      await new Promise<void>((resolve, reject) => {
        worker.on("message", (done: Row[]) => {
          rows.push(...done);
          const count = rows.length / objectives.length;
          if (live) rewrite(`${bar(count / files.length)} ${rows.at(-1)?.file ?? ""}`);
          else if (done.length && count % 10 === 0) console.log(`${count} of ${files.length} photographs`);
          const next = waiting.shift();
          if (next === undefined) worker.disconnect();
          else worker.send(next);
        });
        worker.on("exit", (code) => (code ? reject(new Error(`a worker ended with ${code}`)) : resolve()));
      });
    }),
  );
  rewrite("");
  const text = table({
    rows,
    objectives,
    photographs: files.length,
    seconds: (performance.now() - started) / 1000,
    png: values.png,
  });
  console.log(text);
  if (values.out) writeFileSync(values.out, text);
}
