import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import type { ChunkObjective } from "../../../../src/core/engine/joint-error.ts";
import { noMask } from "../../../../src/core/engine/mask.ts";
import { embedPictures, perturbChunk } from "../../../../src/core/engine/perturb-chunk.ts";
import { toScale } from "../../../../src/core/engine/scaled-picture.ts";
import { scene } from "../codecs/pictures.ts";
import { tinySurrogate } from "./tiny-surrogate.ts";

beforeAll(() => tf.setBackend("cpu"));

describe("perturbing a chunk", () => {
  it("keeps the perturbations from before when all others are worse", async () => {
    const surrogate = tinySurrogate();
    const pictures = [scene(30, 40), scene(50, 32, { grey: true })].map((pixels, i) => ({
      scaled: toScale(pixels, surrogate),
      fullSize: pixels,
      luminanceOnly: i === 1,
    }));
    const clean = await embedPictures(
      pictures.map(({ scaled }) => scaled),
      surrogate,
    );
    const home = tf.tensor2d(clean, [2, 48]);
    const objective = (metric: ChunkObjective["metric"]): ChunkObjective => ({
      loss: (z) => tf.sum(z),
      metric,
      dispose() {},
    });
    const perturb = (metric: ChunkObjective["metric"]) =>
      perturbChunk(pictures, surrogate, {
        objective: objective(metric),
        epsilon: 8 / 255,
        steps: 3,
        stepSize: 4 / 255,
        mask: noMask,
        seed: 1,
      });
    const before = tf.memory().numTensors;
    const stays = await perturb((z) => tf.neg(tf.sum(tf.squaredDifference(z, home))));
    expect(stays.deltas.map(({ length }) => length)).toEqual([18 * 24 * 3, 18 * 28]);
    for (const delta of stays.deltas) expect(delta.every((value) => value === 0)).toBe(true);
    expect(stays.embeddings).toEqual(clean);
    const goes = await perturb((z) => tf.sum(tf.squaredDifference(z, home)));
    for (const delta of goes.deltas) {
      expect(Math.max(...delta.map(Math.abs))).toBeGreaterThan(1 / 255);
      expect(Math.max(...delta.map(Math.abs))).toBeLessThanOrEqual(8 / 255 + 1e-6);
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
