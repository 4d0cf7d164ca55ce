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
import { resizedPixels } from "./lib/resized-pixels.ts";
import { ROOT } from "./lib/root.ts";
import { bar, live, rewrite } from "./lib/terminal.ts";

const EPSILON = 8 / 255;
const SITE_QUALITY = 75;

interface Row {
  readonly file: string;
  readonly objective: string;
  readonly report: ProtectionReport;
  /** After a site encoded the finished file again, halved it, or did both. */
  readonly jpeg: PictureErrors;
  readonly half: PictureErrors;
  readonly halfAndJpeg: PictureErrors;
  /** Largest change when the same photograph is protected as PNG; only with `--png`. */
  readonly pngMaxChange?: number;
}

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
  const text = table(rows, (performance.now() - started) / 1000);
  console.log(text);
  if (values.out) writeFileSync(values.out, text);
}

function table(rows: readonly Row[], seconds: number): string {
  const column = (title: string, value: (row: Row) => number, digits: number, pick: Pick = mean) =>
    `| ${title} | ${objectives.map((o) => pick(rows.filter((r) => r.objective === o).map(value)).toFixed(digits)).join(" | ")} |`;
  const [{ report } = { report: undefined }] = rows;
  return [
    `${files.length} photographs, budget ${Math.round(EPSILON * 255)}/255, ${report?.steps} steps, ${report?.surrogate} on ` +
      `${report?.backend}, ${seconds.toFixed(0)} s in all. Means, measured on the finished file decoded again.`,
    "",
    `| | ${objectives.join(" | ")} |`,
    `| --- | ${objectives.map(() => "---:").join(" | ")} |`,
    column("feature error before", (r) => r.report.featureErrorBefore as number, 3),
    column("feature error after", (r) => r.report.featureErrorAfter as number, 3),
    column(
      "... lowest of all",
      (r) => r.report.featureErrorAfter as number,
      3,
      (v) => Math.min(...v),
    ),
    column(`... after JPEG ${SITE_QUALITY}`, (r) => r.jpeg.featureError as number, 3),
    column("... after halving", (r) => r.half.featureError as number, 3),
    column("... after both", (r) => r.halfAndJpeg.featureError as number, 3),
    column("label error before", (r) => r.report.labelErrorBefore, 3),
    column("label error after", (r) => r.report.labelErrorAfter, 3),
    column(
      "... lowest of all",
      (r) => r.report.labelErrorAfter,
      3,
      (v) => Math.min(...v),
    ),
    column(`... after JPEG ${SITE_QUALITY}`, (r) => r.jpeg.labelError, 3),
    column("... after halving", (r) => r.half.labelError, 3),
    column("... after both", (r) => r.halfAndJpeg.labelError, 3),
    column("Bayes error before", (r) => r.report.bayesErrorBefore, 3),
    column("Bayes error after", (r) => r.report.bayesErrorAfter, 3),
    column(
      "... lowest of all",
      (r) => r.report.bayesErrorAfter,
      3,
      (v) => Math.min(...v),
    ),
    column(`... after JPEG ${SITE_QUALITY}`, (r) => r.jpeg.bayesError, 3),
    column("... after halving", (r) => r.half.bayesError, 3),
    column("... after both", (r) => r.halfAndJpeg.bayesError, 3),
    column("PSNR, dB", (r) => r.report.psnr, 2),
    column(
      "... lowest of all",
      (r) => r.report.psnr,
      2,
      (v) => Math.min(...v),
    ),
    column("SSIM", (r) => r.report.ssim, 4),
    column(
      "... lowest of all",
      (r) => r.report.ssim,
      4,
      (v) => Math.min(...v),
    ),
    column("bytes after / before", (r) => r.report.bytesOut / r.report.bytesIn, 2),
    column(
      "... least",
      (r) => r.report.bytesOut / r.report.bytesIn,
      2,
      (v) => Math.min(...v),
    ),
    column(
      "... most",
      (r) => r.report.bytesOut / r.report.bytesIn,
      2,
      (v) => Math.max(...v),
    ),
    ...(values.png
      ? [
          column(
            "largest change as PNG, 255ths",
            (r) => r.pngMaxChange ?? Number.NaN,
            0,
            (v) => Math.max(...v),
          ),
        ]
      : []),
    column("seconds", (r) => r.report.seconds.total, 1),
    "",
  ].join("\n");
}

type Pick = (values: number[]) => number;

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
