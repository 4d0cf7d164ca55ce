/**
 * `npm run bench [-- ROUNDS [FILE.json]]`: where the time goes that a person waits for a protected picture, in Node (one
 * thread) and in Chromium with the extension. Each size is a multiple of the bare gradients in the same run: as many
 * forward and backward passes as the ascent takes steps, of its networks in turn.
 */

import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { createPenumbra } from "../src/cli/penumbra.ts";
import { decode, encodeJpegAt, sniff } from "../src/core/codecs/index.ts";
import type { ProtectionReport } from "../src/core/contract/protected-picture.ts";
import { DEFAULT_REQUEST } from "../src/core/contract/protection-request.ts";
import type { Network } from "../src/core/engine/surrogate.ts";
import { launch } from "./lib/browser.ts";
import { ensureBrowser } from "./lib/chromium.ts";
import { buildExtension } from "./lib/extension.ts";
import { resizedPixels } from "./lib/resized-pixels.ts";
import { ROOT } from "./lib/root.ts";
import { startUploadServer } from "./lib/upload-server.ts";

const [rounds = "3", json] = process.argv.slice(2);
const ROUNDS = Number(rounds);

/** Width and height in pixels. */
const SIZES = {
  "32 x 32": [32, 32],
  "1 MP": [1155, 866],
  "12 MP": [4000, 3000],
  "20000 x 1000": [20_000, 1000],
} as const;
type SizeName = keyof typeof SIZES;
const NAMES = Object.keys(SIZES) as SizeName[];
/** As cameras write them. */
const QUALITY = 92;

type Seconds = ProtectionReport["seconds"];
const STAGES = ["decode", "ascend", "encode", "verify", "total"] as const satisfies (keyof Seconds)[];

const { protect, loadModel } = createPenumbra();
const photo = new Uint8Array(readFileSync(join(ROOT, "demo", "photos", "coffee.png")));
const original = await decode(photo, sniff(photo));
const files = new Map<SizeName, Uint8Array<ArrayBuffer>>();
for (const name of NAMES) {
  const [width, height] = SIZES[name];
  files.set(name, await encodeJpegAt(resizedPixels(original, width, height), QUALITY));
}

const { surrogate } = await loadModel(DEFAULT_REQUEST.surrogate);
const gradients = bareGradients();
const inNode = await benchInNode();
const inChromium = await benchInChromium();
print();
if (json)
  await writeFile(
    json,
    `${JSON.stringify({ machine: machine(), gradients, inNode, inChromium }, null, 2)}\n`,
  );

interface Gradients {
  /** Milliseconds of one pass, the mean of the members. */
  readonly forward: number;
  readonly both: number;
  /** Seconds of as many gradients as an ascent takes steps. */
  readonly ascent: number;
}

/** Forward passes, and those with the gradient to the picture, of the members in turn and without anything else. */
function bareGradients(): Gradients {
  const views = tf.randomUniform<tf.Rank.R4>(
    [1, surrogate.inputSize, surrogate.inputSize, 3],
    0,
    1,
    "float32",
    1,
  );
  const timed = (compute: () => tf.Tensor) => {
    const start = performance.now();
    tf.tidy(() => void compute().dataSync());
    return performance.now() - start;
  };
  const of = ({ embed }: Network) => {
    const value = (x: tf.Tensor) => tf.sum(embed(x as tf.Tensor4D));
    const gradient = tf.grad(value);
    const pairs = Array.from({ length: 10 + 10 * ROUNDS }, () => [
      timed(() => value(views)),
      timed(() => gradient(views)),
    ]).slice(10) as [number, number][];
    return [median(pairs.map(([forward]) => forward)), median(pairs.map(([, both]) => both))] as const;
  };
  const all = surrogate.members.map(of);
  const mean = (i: 0 | 1) => all.reduce((sum, times) => sum + times[i], 0) / all.length;
  views.dispose();
  return { forward: mean(0), both: mean(1), ascent: (surrogate.ascent.steps * mean(1)) / 1000 };
}

/** Median seconds of each stage by size. */
async function benchInNode(): Promise<Record<SizeName, Seconds>> {
  const runs = new Map<SizeName, Seconds[]>(NAMES.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const name of NAMES) {
      const { report } = await protect(files.get(name) as Uint8Array<ArrayBuffer>, {
        ...DEFAULT_REQUEST,
        seed: 1,
      });
      runs.get(name)?.push(report.seconds);
    }
  return Object.fromEntries(
    NAMES.map((name) => [
      name,
      Object.fromEntries(
        STAGES.map((stage) => [stage, median((runs.get(name) ?? []).map((run) => run[stage]))]),
      ),
    ]),
  ) as Record<SizeName, Seconds>;
}

/** Seconds from the choice of a file to the page's handler of it: the first one after the start, and medians. */
async function benchInChromium(): Promise<{ first: number; warm: Record<SizeName, number> }> {
  const server = await startUploadServer();
  server.publish(
    "/",
    "text/html",
    `<!doctype html><input type="file"><script>
      const input = document.querySelector("input");
      let count = 0;
      input.onchange = () => { document.title = String(++count); input.value = ""; };
    </script>`,
  );
  const { context } = await launch(await ensureBrowser(), await buildExtension(), { headless: true });
  const folder = await mkdtemp(join(tmpdir(), "penumbra-bench-"));
  try {
    const page = await context.newPage();
    await page.goto(server.url);
    let count = 0;
    const choose = async (name: SizeName) => {
      const path = join(folder, `${name.replaceAll(" ", "")}-${count++}.jpg`);
      await writeFile(path, files.get(name) as Uint8Array<ArrayBuffer>);
      const start = performance.now();
      await page.setInputFiles("input", path);
      await page.waitForFunction((count) => document.title === count, String(count), {
        timeout: 300_000,
        polling: 20,
      });
      return (performance.now() - start) / 1000;
    };
    const first = await choose("12 MP");
    const times = new Map<SizeName, number[]>(NAMES.map((name) => [name, []]));
    for (let round = 0; round < ROUNDS; round++)
      for (const name of NAMES) times.get(name)?.push(await choose(name));
    const warm = NAMES.map((name) => [name, median(times.get(name) ?? [])]);
    return { first, warm: Object.fromEntries(warm) as Record<SizeName, number> };
  } finally {
    await context.close();
    await server.close();
    await rm(folder, { recursive: true });
  }
}

function print(): void {
  const { forward, both, ascent } = gradients;
  console.log(
    `${machine()}; medians of ${ROUNDS} rounds; ${surrogate.id}, ${surrogate.ascent.steps} steps, ${tf.getBackend()}\n`,
  );
  console.log(
    `forward pass ${forward.toFixed(0)} ms, forward and backward ${both.toFixed(0)} ms (${(both / forward).toFixed(2)} times)`,
  );
  console.log(`bare gradients of an ascent: ${ascent.toFixed(2)} s\n`);
  const header = ["", ...STAGES, "of the bare gradients", "in Chromium", "of 12 MP"];
  const rows = NAMES.map((name) => {
    const { [name]: seconds } = inNode;
    const warm = inChromium.warm[name];
    return [
      name,
      ...STAGES.map((stage) => `${seconds[stage].toFixed(2)} s`),
      (seconds.total / ascent).toFixed(2),
      `${warm.toFixed(2)} s`,
      (warm / inChromium.warm["12 MP"]).toFixed(2),
    ];
  });
  for (const row of [header, header.map(() => "---"), ...rows]) console.log(`| ${row.join(" | ")} |`);
  const { first, warm } = inChromium;
  console.log(
    `\nFirst picture after the start of Chromium, 12 MP: ${first.toFixed(2)} s, ${(first / warm["12 MP"]).toFixed(2)} times a later one.`,
  );
}

function machine(): string {
  return `${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
