/** The parts of the use case, without a network. */
import { describe, expect, it } from "vitest";
import { decode, sniff } from "../../../../src/core/codecs/index.ts";
import type { Progress } from "../../../../src/core/contract/protected-picture.ts";
import { maxChange, psnr, ssim } from "../../../../src/core/engine/quality.ts";
import { ssimulacra2 } from "../../../../src/core/engine/ssimulacra2.ts";
import { encodeAndEvaluate } from "../../../../src/core/protect/evaluate.ts";
import { checkEffective } from "../../../../src/core/protect/report.ts";
import { mapBatch, mapEach, type Settled, settledValue } from "../../../../src/core/protect/settled.ts";
import { createTracker, timed } from "../../../../src/core/protect/tracker.ts";
import { jpeg, perturb, pngOf, scene } from "../codecs/pictures.ts";

describe("encoding and evaluating", () => {
  const original = async (bytes: Uint8Array) => {
    const info = sniff(bytes);
    return { info, bytes: bytes.length, pixels: await decode(bytes, info) };
  };

  it.each([
    ["JPEG", () => jpeg(scene(80, 60))],
    ["PNG", async () => pngOf(scene(80, 60), 2)],
  ])("measures a %s on the decoded file, not on the pixels that were encoded", async (_, make) => {
    const before = await original(await make());
    const changed = perturb(before.pixels);
    const { bytes, decoded, quality } = await encodeAndEvaluate(before, changed);
    expect(decoded).toEqual(await decode(bytes, sniff(bytes)));
    expect(quality).toEqual({
      maxPerturbation: 8,
      maxChange: maxChange(before.pixels, decoded),
      psnr: psnr(before.pixels, decoded),
      ssim: ssim(before.pixels, decoded),
      ssimulacra2: ssimulacra2(before.pixels, decoded),
    });
    expect(sniff(bytes).type).toBe(before.info.type);
  });

  it("goes through both stages, and stops between them when the signal fires", async () => {
    const before = await original(pngOf(scene(40, 40), 2));
    const abort = new AbortController();
    const stages: string[] = [];
    const run = encodeAndEvaluate(
      before,
      before.pixels,
      async (stage, work) => {
        stages.push(stage);
        const result = await work();
        abort.abort();
        return result;
      },
      abort.signal,
    );
    await expect(run).rejects.toMatchObject({ name: "AbortError" });
    expect(stages).toEqual(["encode"]);
  });
});

describe("a picture is protected", () => {
  const errors = (bayesError: number, labelError: number, featureError?: number) => ({
    bayesError,
    labelError,
    ...(featureError !== undefined && { featureError }),
  });
  const check = (objective: Parameters<typeof checkEffective>[1], before: number[], after: number[]) => () =>
    checkEffective(
      {
        before: errors(...(before as [number, number, number?])),
        after: errors(...(after as [number, number, number?])),
      },
      objective,
    );

  it("when the error of its own objective rose", () => {
    expect(check("bayes-error", [0.1, 0.5], [0.2, 0.4])).not.toThrow();
    expect(check("bayes-error", [0.1, 0.5], [0.1, 0.9])).toThrow("ineffective/picture");
    expect(check("overlap", [0.1, 0.5], [0.1, 0.6])).not.toThrow();
    expect(check("overlap", [0.1, 0.5], [0.9, 0.5])).toThrow("ineffective/picture");
    expect(check("features", [0.1, 0.5, 0.2], [0.1, 0.5, 0.3])).not.toThrow();
    expect(check("cosine", [0.1, 0.5, 0.2], [0.9, 0.9, 0.2])).toThrow("ineffective/picture");
  });

  it("when the error was high before, but not when it is no number", () => {
    expect(check("overlap", [0.1, 0.95], [0.1, 0.94])).not.toThrow();
    expect(check("overlap", [0.1, 0.5], [0.1, Number.NaN])).toThrow("ineffective/picture");
  });
});

describe("steps for several items", () => {
  const items: Settled<number>[] = [
    { status: "fulfilled", value: 1 },
    { status: "rejected", reason: "before" },
    { status: "fulfilled", value: 3 },
  ];

  it("one by one: a failure stops only its own item", async () => {
    const outcomes = await mapEach(items, async (value) => {
      if (value === 3) throw "now";
      return 10 * value;
    });
    expect(outcomes).toEqual([
      { status: "fulfilled", value: 10 },
      { status: "rejected", reason: "before" },
      { status: "rejected", reason: "now" },
    ]);
    expect(settledValue(outcomes[0] as Settled<number>)).toBe(10);
    expect(() => settledValue(outcomes[1] as Settled<number>)).toThrow("before");
  });

  it("as one batch: results return to their items, and a failure is that of all", async () => {
    const doubled = await mapBatch(items, async (values) => values.map((value) => 2 * value));
    expect(doubled).toMatchObject([{ value: 2 }, { reason: "before" }, { value: 6 }]);
    const failed = await mapBatch(items, () => Promise.reject("now"));
    expect(failed).toMatchObject([{ reason: "now" }, { reason: "before" }, { reason: "now" }]);
  });

  it("end with an AbortError when the signal fires", async () => {
    const abort = new AbortController();
    const step = async () => abort.abort();
    await expect(mapEach(items, step, abort.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});

it("a tracker maps each stage to its share of the whole, and pictures share the time of a batch", async () => {
  const seen: Progress[] = [];
  const trackers = [createTracker((progress) => seen.push(progress)), createTracker()];
  for (const stage of ["decode", "ascend", "encode", "verify"] as const)
    for (const done of [0, 0.5, 1]) trackers[0]?.progress(stage, done);
  const fractions = seen.map(({ fraction }) => fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect([fractions[0], fractions.at(-1)]).toEqual([0, 1]);

  const start = performance.now();
  await timed("ascend", trackers, () => new Promise((resolve) => setTimeout(resolve, 20)));
  const seconds = (performance.now() - start) / 1000;
  const [first, second] = trackers.map((tracker) => tracker.seconds.ascend);
  expect(first).toBe(second);
  expect(first).toBeGreaterThan(0.009);
  expect(2 * (first as number)).toBeLessThanOrEqual(seconds);
});
