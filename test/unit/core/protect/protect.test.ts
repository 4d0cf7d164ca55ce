import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { loadFromNodeModules } from "../../../../src/cli/codec-binaries.ts";
import { createMeasure } from "../../../../src/cli/measure.ts";
import { decode, setWasmLoader, sniff } from "../../../../src/core/codecs/index.ts";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";
import { Problem } from "../../../../src/core/contract/problem.ts";
import type { Progress } from "../../../../src/core/contract/protected-picture.ts";
import type { ProtectionRequest } from "../../../../src/core/contract/protection-request.ts";
import type { LoadedModel } from "../../../../src/core/protect/loaded-models.ts";
import { createProtect, createProtectAll } from "../../../../src/core/protect/protect.ts";
import {
  evenly,
  exif,
  gif,
  jpeg,
  maxDifference,
  pngChunk,
  pngOf,
  scene,
  segment,
  text,
  webp,
  withSegments,
} from "../codecs/pictures.ts";
import { tinySurrogate } from "../engine/tiny-surrogate.ts";

let model: LoadedModel;
beforeAll(async () => {
  await tf.setBackend("cpu");
  setWasmLoader(loadFromNodeModules);
  model = { surrogate: tinySurrogate(), classNames: ["a", "b", "c", "d", "e"], backend: tf.getBackend() };
});

const protect = createProtect(async () => model);
const protectAll = createProtectAll(async () => model);
const measure = createMeasure(async () => model);
const request = (overrides: Partial<ProtectionRequest> = {}): ProtectionRequest => ({
  epsilon: 16 / 255,
  surrogate: "tiny",
  objective: "overlap",
  steps: 12,
  seed: 1,
  ...overrides,
});

const secret = pngChunk("tEXt", text("Comment\0hidden"));
const hiding = (file: Uint8Array<ArrayBuffer>) => withSegments(file, segment(0xfe, text("hidden")));

describe("protecting a file", () => {
  it("reports the label error in feature space, measured on the protected file", async () => {
    const bytes = pngOf(scene(90, 70), 2);
    const moved = await protect(bytes, request({ objective: "features" }));
    const { featureErrorBefore: before, featureErrorAfter: after } = moved.report;
    expect(after).toBeGreaterThan(before as number);
    const named = await protect(bytes, request({ objective: "overlap" }));
    expect(named.report.featureErrorBefore).toBeCloseTo(before as number, 6);
    expect(named.report.featureErrorAfter).toBeLessThan(after as number);
  });

  it("reports figures measured on the protected file", async () => {
    const bytes = await jpeg(scene(120, 90));
    const { bytes: out, type, report } = await protect(bytes, request());
    expect(type).toBe("image/jpeg");
    expect(report).toMatchObject({
      width: 120,
      height: 90,
      bytesIn: bytes.length,
      bytesOut: out.length,
      steps: 12,
    });
    expect(report.labelName).toBe("abcde"[report.label]);
    expect(report.labelErrorAfter).toBeGreaterThan(report.labelErrorBefore);

    const [before, after] = [
      await measure(bytes, { surrogate: "tiny", label: report.label }),
      await measure(out, { surrogate: "tiny", label: report.label }),
    ];
    expect(report.labelErrorBefore).toBeCloseTo(before.labelError, 6);
    expect(report.labelErrorAfter).toBeCloseTo(after.labelError, 6);
    expect(report.bayesErrorAfter).toBeCloseTo(after.bayesError, 6);
    const { decode: d, ascend: a, encode: e, verify: v, total } = report.seconds;
    expect(d + a + e + v).toBeCloseTo(total, 1);
  });

  it("lets a file of gradual colours grow by 40 %, and says it where one that is shrunk grows more", async () => {
    const gradual = scene(1600, 1200);
    for (let i = 0; i < gradual.data.length; i += 4)
      gradual.data.set([((i >> 2) % 1600) / 7, (i >> 2) / 8000, 90, 255], i);
    const file = pngOf(gradual, 2);
    const { report } = await protect(file, request());
    expect(report.bytesOut / report.bytesIn).toBeLessThanOrEqual(1.4);
    expect(report.notices).toEqual([]);
    const { report: shrunk } = await protect(file, request({ longestSide: 1500 }));
    expect(shrunk.notices).toEqual([{ code: "larger", times: shrunk.bytesOut / shrunk.bytesIn }]);
    expect((await protect(await jpeg(scene(120, 90)), request())).report.notices).toEqual([]);
  });

  it("leaves even colours as they are, keeps a drawing's file small, and says that it is hardly protected", async () => {
    const drawing = scene(400, 300);
    for (let i = 0; i < drawing.data.length; i += 4) {
      const [x, y] = [(i >> 2) % 400, Math.floor((i >> 2) / 400)];
      drawing.data.set((x - 200) ** 2 + (y - 150) ** 2 < 9000 ? [200, 90, 30] : [120, 180, 220], i);
    }
    const original = pngOf(drawing, 2);
    const { bytes, report } = await protect(original, request());
    expect(report.notices).toEqual([{ code: "mostly-flat" }]);
    expect(bytes.length).toBeLessThan(1.4 * original.length);
    const { data } = await decode(bytes, sniff(bytes));
    const changed = [...data.keys()].filter((i) => data[i] !== drawing.data[i]);
    expect(changed.length).toBeGreaterThan(0);
    const distanceToEdge = (i: number) =>
      Math.abs(Math.hypot(((i >> 2) % 400) - 200, Math.floor((i >> 2) / 400) - 150) - 9000 ** 0.5);
    expect(Math.max(...changed.map(distanceToEdge))).toBeLessThan(3);
  });

  it("turns the picture upright and drops its position data", async () => {
    const { bytes, report } = await protect(withSegments(await jpeg(scene(120, 90)), exif(6)), request());
    expect([report.width, report.height]).toEqual([90, 120]);
    expect(sniff(bytes).orientation).toBe(1);
    expect(Buffer.from(bytes).includes("Exif")).toBe(false);
  });

  it("shrinks a picture first when requested, keeps its quality, and reports its former size", async () => {
    const picture = scene(240, 180);
    const { bytes, report } = await protect(await jpeg(picture), request({ longestSide: 120 }));
    const info = sniff(bytes);
    expect(info).toMatchObject({ width: 120, height: 90, type: "image/jpeg" });
    expect(report).toMatchObject({ width: 120, height: 90, shrunkFrom: { width: 240, height: 180 } });
    expect(info.quality).toBe(sniff(await jpeg(picture)).quality);
    expect(report.labelErrorAfter).toBeGreaterThan(report.labelErrorBefore);
    const png = await protect(pngOf(picture, 2), request({ longestSide: 120 }));
    expect(png.report.maxChange).toBeLessThanOrEqual(16);
    const untouched = await protect(pngOf(picture, 2), request({ longestSide: 240 }));
    expect(untouched.report).toMatchObject({ width: 240, height: 180 });
    expect(untouched.report).not.toHaveProperty("shrunkFrom");
  });

  it("keeps grey grey, also where it was stored in colour", async () => {
    const grey = scene(100, 80);
    for (let i = 0; i < grey.data.length; i += 4) grey.data.fill(grey.data[i] as number, i + 1, i + 3);
    const { bytes } = await protect(pngOf(grey, 2), request());
    const { data } = await decode(bytes, sniff(bytes));
    for (let i = 0; i < data.length; i += 4) expect([data[i + 1], data[i + 2]]).toEqual([data[i], data[i]]);
  });

  it("raises the error of the requested class", async () => {
    const { report } = await protect(pngOf(scene(100, 80), 2), request({ label: 3 }));
    expect(report).toMatchObject({ label: 3, labelName: "d" });
    expect(report.labelErrorAfter).toBeGreaterThan(report.labelErrorBefore);
  });

  it("reports progress that only grows, through every stage", async () => {
    const seen: Progress[] = [];
    await protect(pngOf(scene(100, 80), 2), request(), (progress) => seen.push(progress));
    const fractions = seen.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect([...new Set(seen.map(({ stage }) => stage))]).toEqual(["decode", "ascend", "encode", "verify"]);
  });

  it.each([
    ["a PNG of one colour", async () => pngOf(evenly(60, 40, [200, 30, 90, 255]), 2, [secret])],
    ["a transparent PNG", async () => pngOf(evenly(60, 40, [200, 30, 90, 0]), 6, [secret])],
    ["a PNG of one pixel", async () => pngOf(scene(1, 1), 6, [secret])],
    ["a thin PNG of one colour", async () => pngOf(evenly(1, 300, [7, 7, 7, 255]), 0, [secret])],
    ["a small PNG", async () => pngOf(scene(15, 12), 2, [secret])],
    ["a JPEG of one colour", async () => hiding(await jpeg(evenly(60, 40, [200, 30, 90, 255])))],
    ["a JPEG of one pixel", async () => hiding(await jpeg(scene(1, 1)))],
    ["a WebP of one colour, without loss", () => webp(evenly(60, 40, [200, 30, 90, 255]), { lossless: 1 })],
    ["a WebP of one pixel", () => webp(scene(1, 1))],
  ])("passes %s unchanged but for what its file hides, and says so", async (_, make) => {
    const original = await make();
    const { bytes, report } = await protect(original, request({ steps: 1_000 }));
    expect(report).toMatchObject({ steps: 0, notices: [{ code: "nothing-to-protect" }] });
    const [before, after] = await Promise.all(
      [original, bytes].map((file) => decode(file, sniff(file)) as Promise<Pixels>),
    );
    // Only a JPEG or a WebP is written with loss.
    const most = report.maxChange;
    expect(most).toBeLessThanOrEqual(sniff(original).type === "image/png" ? 0 : 6);
    expect(maxDifference(before as Pixels, after as Pixels)).toBe(most);
    expect(Buffer.from(bytes).includes("hidden")).toBe(false);
  });

  it("shrinks a thin picture of one colour, too", async () => {
    const { report } = await protect(pngOf(evenly(1, 900, [7, 7, 7, 255]), 0), request({ longestSide: 100 }));
    expect(report).toMatchObject({ width: 1, height: 100, maxChange: 0 });
  });

  it("refuses a strip that shows something", async () => {
    const strip = protect(pngOf(scene(100, 8), 2), request());
    await expect(strip).rejects.toMatchObject({ name: "Problem", kind: "too-small" });
  });

  it("rejects a file that protects nothing", async () => {
    const result = protect(pngOf(scene(100, 80), 2), request({ epsilon: 0.1 / 255 }));
    await expect(result).rejects.toMatchObject({ name: "Problem", kind: "ineffective" });
  });

  it.each([
    ["animated", async () => gif(3)],
    ["empty", async () => new Uint8Array()],
    ["unsupported", async () => new Uint8Array(600).fill(7)],
    ["corrupt", async () => (await jpeg(scene(120, 90))).slice(0, 900)],
  ])("says that a file is %s", async (kind, make) => {
    await expect(protect(await make(), request())).rejects.toMatchObject({ name: "Problem", kind });
  });

  it("refuses a label that the surrogate does not have", async () => {
    await expect(protect(pngOf(scene(50, 50), 2), request({ label: 5 }))).rejects.toThrow("0 to 4, got 5");
  });

  it("stops when the signal fires, and leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const result = protect(
      pngOf(scene(100, 80), 2),
      request({ steps: 1000 }),
      ({ fraction }) => fraction > 0.06 && controller.abort(),
      controller.signal,
    );
    await expect(result).rejects.toMatchObject({ name: "AbortError" });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("protecting several files", () => {
  const gone = new Error("no such file");
  const files = async () => [
    pngOf(scene(100, 80), 2),
    new Uint8Array(600).fill(7),
    pngOf(scene(40, 90), 2),
    gone,
    pngOf(scene(64, 64), 2),
  ];
  const pictureFiles = (all: readonly (Uint8Array<ArrayBuffer> | Error)[], seen: [number, number][] = []) =>
    all.map((file, i) => ({
      read: () => (file instanceof Error ? Promise.reject(file) : Promise.resolve(file)),
      onProgress: ({ fraction }: Progress) => seen.push([i, fraction]),
    }));

  it("gives each the same as alone, in order, also beside files that fail", async () => {
    const seen: [number, number][] = [];
    const all = await files();
    const outcomes = [];
    for await (const outcome of protectAll(pictureFiles(all, seen), request())) outcomes.push(outcome);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(outcomes[1]).toMatchObject({ reason: { name: "Problem", kind: "unsupported" } });
    expect(outcomes[3]).toMatchObject({ reason: gone });
    for (const i of [0, 2, 4]) {
      const alone = await protect(all[i] as Uint8Array<ArrayBuffer>, request());
      const { seconds: _, ...report } = alone.report;
      expect(outcomes[i]).toMatchObject({ value: { bytes: alone.bytes, type: "image/png" } });
      const { value } = outcomes[i] as PromiseFulfilledResult<typeof alone>;
      const { seconds, ...inBatch } = value.report;
      for (const [name, figure] of Object.entries(report))
        if (typeof figure === "number") expect(inBatch[name as "psnr"]).toBeCloseTo(figure, 5);
      expect(seconds.decode + seconds.ascend + seconds.encode + seconds.verify).toBeCloseTo(seconds.total, 6);
      const fractions = seen.filter(([whose]) => whose === i).map(([, fraction]) => fraction);
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
    }
  });

  it("changes each that shows something, also behind one that does not", async () => {
    const [empty, whole] = [pngOf(evenly(40, 40, [9, 9, 9, 255]), 2), pngOf(scene(64, 64), 2)];
    const outcomes = [];
    for await (const outcome of protectAll(pictureFiles([empty, whole]), request())) outcomes.push(outcome);
    const { bytes } = await protect(whole, request());
    expect(outcomes).toMatchObject([{ value: { report: { maxChange: 0 } } }, { value: { bytes } }]);
  });

  it("rejects only the file that protects nothing", async () => {
    const settings = request({ epsilon: 1 / 255, steps: 6 });
    // A JPEG of such low quality that a change of one level does not survive it.
    const pictures = pictureFiles([await jpeg(scene(100, 80), { quality: 5 }), pngOf(scene(100, 80), 2)]);
    const outcomes = [];
    for await (const outcome of protectAll(pictures, settings)) outcomes.push(outcome);
    expect(outcomes).toMatchObject([{ reason: { kind: "ineffective" } }, { status: "fulfilled" }]);
  });

  it("fails each file with the reason why no model could be loaded", async () => {
    const broken = createProtectAll(() => Promise.reject(new Problem({ code: "backend/none" })));
    const outcomes = [];
    for await (const outcome of broken(pictureFiles((await files()).slice(0, 2)), request()))
      outcomes.push(outcome);
    expect(outcomes).toMatchObject([{ reason: { kind: "backend" } }, { reason: { kind: "unsupported" } }]);
  });

  it("stops when the signal fires, and leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const pictures = (await files()).slice(0, 3).map((file) => ({
      read: async () => file as Uint8Array<ArrayBuffer>,
      onProgress: ({ fraction }: Progress) => fraction > 0.06 && controller.abort(),
    }));
    const run = async () => {
      for await (const _ of protectAll(pictures, request({ steps: 1000 }), controller.signal));
    };
    await expect(run()).rejects.toMatchObject({ name: "AbortError" });
    expect(tf.memory().numTensors).toBe(before);
  });
});
