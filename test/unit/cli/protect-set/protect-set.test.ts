import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadFromNodeModules } from "../../../../src/cli/codec-binaries.ts";
import { createProtectSet } from "../../../../src/cli/protect-set/protect-set.ts";
import type { SetReport } from "../../../../src/cli/protect-set/report.ts";
import { decode, setWasmLoader, sniff } from "../../../../src/core/codecs/index.ts";
import type { SetRequest } from "../../../../src/core/contract/set-request.ts";
import { leaveOneOutLogPosterior } from "../../../../src/core/engine/bayes-error.ts";
import { embedPictures } from "../../../../src/core/engine/perturb-chunk.ts";
import { maxChange } from "../../../../src/core/engine/quality.ts";
import { toScale } from "../../../../src/core/engine/scaled-picture.ts";
import type { Surrogate } from "../../../../src/core/engine/surrogate.ts";
import { jpeg, pngOf, scene } from "../../core/codecs/pictures.ts";
import { tinySurrogate } from "../../core/engine/tiny-surrogate.ts";
import { startWasm } from "../../core/models/in-node.ts";

let surrogate: Surrogate;
const protectSet = createProtectSet(async () => ({
  surrogate,
  classNames: ["a", "b", "c", "d", "e"],
  backend: tf.getBackend(),
}));
const request = (overrides: Partial<SetRequest> = {}): SetRequest => ({
  epsilon: 16 / 255,
  surrogate: "tiny",
  objective: "bayes-error",
  steps: 5,
  passes: 2,
  chunk: 4,
  seed: 1,
  ...overrides,
});

/** A scene in the colours of its class. */
function picture(kind: number, i: number) {
  const pixels = scene(30 + 3 * i, 40 - 2 * i, { grey: kind === 2 });
  pixels.data.forEach((value, k) => {
    if (kind !== 2 && (k & 3) === kind) pixels.data[k] = 0.8 * value;
  });
  return pixels;
}

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const set = (...names: string[]) => at("set", ...names);
const folders = (out = at("out")) => ({ folder: at("set"), out });

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

const PICTURES = [
  ...[0, 1, 2, 3, 4].map((i) => `red/${i}.png`),
  ...[0, 1, 2, 3].map((i) => `blue/${i}.png`),
  "blue/4.jpg",
  "lone/0.png",
];

beforeAll(async () => {
  await startWasm();
  surrogate = tinySurrogate();
  setWasmLoader(loadFromNodeModules);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "penumbra-set-"));
  for (const file of PICTURES) {
    const pixels = picture(["red", "blue", "lone"].indexOf(dirname(file)), Number(/\d/.exec(file)));
    await write(set(file), file.endsWith("jpg") ? await jpeg(pixels) : pngOf(pixels, 2));
  }
});
afterEach(() => rm(folder, { recursive: true }));

async function read(path: string) {
  const bytes = new Uint8Array(await readFile(path));
  return decode(bytes, sniff(bytes));
}

/** Of files, by the estimator with all pairs in one matrix. */
async function bayesErrorOf(root: string): Promise<number> {
  const pictures = [];
  for (const file of PICTURES) pictures.push(toScale(await read(join(root, file)), surrogate));
  const z = tf.tensor2d(await embedPictures(pictures, surrogate), [PICTURES.length, 48]);
  const labels = Int32Array.from(PICTURES, (file) => ["red", "blue", "lone"].indexOf(dirname(file)));
  const p = tf.exp(leaveOneOutLogPosterior(z, labels, 3, { kind: "rbf", sigma: 0.15 }));
  return 1 - (tf.mean(tf.max(p, 1)).dataSync()[0] as number);
}

const files = async (root: string) =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

const figures = ({ seconds: _, ...rest }: SetReport) => rest;

describe("protecting a set", () => {
  it("raises its joint Bayes error, as measured on the written files", async () => {
    const tensors = tf.memory().numTensors;
    const report = await protectSet(folders(), request());
    expect(tf.memory().numTensors).toBe(tensors);
    expect(report.bayesErrorBefore).toBeCloseTo(await bayesErrorOf(at("set")), 4);
    expect(report.bayesErrorAfter).toBeCloseTo(await bayesErrorOf(at("out")), 4);
    expect(report.bayesErrorAfter).toBeGreaterThan(report.bayesErrorBefore + 0.02);
    expect(report).toMatchObject({ pictures: 11, leftOut: [], steps: 5, passes: 2, chunk: 4 });
    expect(report.classes).toEqual([
      { name: "blue", pictures: 5 },
      { name: "lone", pictures: 1 },
      { name: "red", pictures: 5 },
    ]);
    expect(report.notes).toEqual([expect.stringContaining("“lone” has one picture only")]);
    expect(JSON.parse(await readFile(at("out", "penumbra-set.json"), "utf8"))).toEqual(report);
    expect((await files(at("out"))).length).toBe(PICTURES.length + 1);
  });

  it("keeps the budget in PNG files, and grey grey", async () => {
    await protectSet(folders(), request({ epsilon: 8 / 255 }));
    for (const file of PICTURES.filter((name) => name.endsWith("png"))) {
      const [before, after] = [await read(set(file)), await read(at("out", file))];
      expect(maxChange(before, after)).toBeLessThanOrEqual(8);
      expect(maxChange(before, after)).toBeGreaterThan(1);
      if (dirname(file) !== "lone") continue;
      for (let i = 0; i < before.data.length; i += 4) {
        expect(before.data[i]).toBe(before.data[i + 2]);
        expect(after.data[i]).toBe(after.data[i + 2]);
      }
    }
  });

  it("raises the error of the folders' labels where that is the objective", async () => {
    const report = await protectSet(folders(), request({ objective: "overlap" }));
    expect(report.labelErrorAfter).toBeGreaterThan(report.labelErrorBefore + 0.02);
  });

  it.each([0.02, 0.6, 0.97])("continues an interrupted run with the same result (at %f)", async (stop) => {
    const whole = await protectSet(folders(at("whole")), request());
    const controller = new AbortController();
    const stopped = protectSet(
      folders(),
      request(),
      (stage, fraction) => /clean|pass|written/.test(stage) && fraction >= stop && controller.abort(),
      controller.signal,
    );
    await expect(stopped).rejects.toMatchObject({ name: "AbortError" });
    expect(await readdir(at("out"))).toEqual([".penumbra-set"]);
    const { seed: _, ...withoutSeed } = request();
    const report = await protectSet(folders(), withoutSeed);
    expect(figures(report)).toEqual(figures(whole));
    for (const file of PICTURES)
      expect(await readFile(at("out", file))).toEqual(await readFile(at("whole", file)));
  });

  it("continues only with the same set and the same request", async () => {
    const begin = async () => {
      const controller = new AbortController();
      const onProgress = (stage: string) => stage.startsWith("pass") && controller.abort();
      await expect(protectSet(folders(), request(), onProgress, controller.signal)).rejects.toMatchObject({
        name: "AbortError",
      });
    };
    await begin();
    await expect(protectSet(folders(), request({ steps: 6 }))).rejects.toThrow(
      "steps 5 was begun there; this one has steps 6",
    );
    await write(set("red", "9.png"), await readFile(set("red", "1.png")));
    await expect(protectSet(folders(), request())).rejects.toThrow("other files");
    await rm(set("red", "9.png"));
    await cp(set("red", "1.png"), set("red", "2.png"));
    await expect(protectSet(folders(), request())).rejects.toThrow("“red/2.png” was changed");
  });

  it("reports every file that was left out, with the reason", async () => {
    await write(set("red", "notes.txt"), Buffer.from("six hundred words ".repeat(40)));
    await write(set("red", "cut.jpg"), (await jpeg(scene(60, 50))).slice(0, 900));
    await write(set("loose.png"), pngOf(scene(40, 40), 2));
    await write(set("red", "deeper", "0.png"), pngOf(scene(40, 40), 2));
    await write(set("blue", "twin.png"), await readFile(set("red", "0.png")));
    await mkdir(set("empty"));
    const { leftOut, notes, pictures } = await protectSet(folders(), request());
    expect(leftOut.map(({ file }) => file).sort()).toEqual([
      "loose.png",
      "red/cut.jpg",
      "red/deeper",
      "red/notes.txt",
    ]);
    for (const { reason } of leftOut) expect(reason).toMatch(/^[A-Z].*\.$/);
    expect(notes).toEqual([
      "“empty” is an empty folder.",
      "red/0.png is the same file as blue/twin.png; both are protected, each for itself.",
      expect.stringContaining("“lone”"),
    ]);
    expect(pictures).toBe(12);
    expect(await readdir(at("out", "blue"))).toContain("twin.png");
  });

  it("writes nothing when the error did not rise", async () => {
    await rm(set("blue", "4.jpg")); // A PNG with no change at all is the same picture again.
    await expect(protectSet(folders(), request({ epsilon: 0.1 / 255 }))).rejects.toMatchObject({
      code: "ineffective/set",
    });
    expect(await readdir(at("out"))).toEqual([".penumbra-set"]);
  });

  it("needs two classes, and a folder outside of the set for the results", async () => {
    await expect(protectSet(folders(set("out")), request())).rejects.toThrow("into the set itself");
    await expect(protectSet(folders(at("set")), request())).rejects.toThrow("into the set itself");
    await rm(set("blue"), { recursive: true });
    await rm(set("lone"), { recursive: true });
    await expect(protectSet(folders(), request())).rejects.toThrow("found 1.");
  });
});
