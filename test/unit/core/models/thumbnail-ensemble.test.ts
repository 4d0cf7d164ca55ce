import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyPerturbation } from "../../../../src/core/engine/apply-perturbation.ts";
import { logPosterior } from "../../../../src/core/engine/bayes-error.ts";
import { findPerturbations } from "../../../../src/core/engine/perturb.ts";
import { predict, predictLabels } from "../../../../src/core/engine/prediction.ts";
import { toScale } from "../../../../src/core/engine/scaled-picture.ts";
import {
  type Network,
  type Surrogate,
  surrogateLogPosterior,
} from "../../../../src/core/engine/surrogate.ts";
import { createNetworkFromFile } from "../../../../src/core/models/network-from-file.ts";
import { cifar10 as entry } from "../../../../src/core/models/thumbnails.ts";
import { readAsset, startWasm } from "./in-node.ts";
import { draw, type Pattern } from "./patterns.ts";

let surrogate: Surrogate;

beforeAll(async () => {
  await startWasm();
  surrogate = await entry.load(readAsset);
});
afterAll(() => surrogate.dispose());

const picture = (pattern: Pattern = "disc") => {
  const rgb = draw(pattern, 32);
  const data = Uint8ClampedArray.from({ length: 4 * 32 * 32 }, (_, i) =>
    (i & 3) === 3 ? 255 : (rgb[3 * (i >> 2) + (i & 3)] as number),
  );
  return { width: 32, height: 32, data };
};

/**
 * [32, 32, 3], moved down and to the right, mirrored at the border; before that, left and right are swapped
 * or not.
 */
function shifted(data: Float32Array, down: number, right: number, mirror: boolean): Float32Array {
  const within = (i: number) => (i < 0 ? -i : i > 31 ? 62 - i : i);
  return data.map((_, i) => {
    const [x, y] = [within((Math.floor(i / 3) % 32) - right), within(Math.floor(i / 96) - down)];
    return data[96 * y + 3 * (mirror ? 31 - x : x) + (i % 3)] as number;
  });
}

describe("the CIFAR-10 networks", () => {
  it("agree with the registry", () => {
    expect(surrogate.id).toBe(entry.id);
    expect(surrogate.inputSize).toBe(entry.inputSize);
    expect(surrogate.numClasses).toBe(entry.classNames.length);
    for (const { bank } of surrogate.members) expect(bank.numClasses).toBe(surrogate.numClasses);
  });

  it("give the mean of their posteriors", () => {
    tf.tidy(() => {
      const views = tf.tensor4d(draw("gradient", 32), [1, 32, 32, 3], "float32").div<tf.Tensor4D>(255);
      const each = surrogate.members.map(({ embed, bank }) =>
        tf.exp(logPosterior(embed(views), bank)).dataSync(),
      );
      const ensemble = tf.exp(surrogateLogPosterior(surrogate, views)).dataSync();
      ensemble.forEach((p, c) => {
        const mean = each.reduce((sum, q) => sum + (q[c] as number), 0) / each.length;
        expect(p).toBeCloseTo(mean, 5);
      });
    });
  });

  it("take the class from the labeller, which sees the picture and its mirror image at three shifts", async () => {
    const scaled = toScale(picture(), surrogate);
    const { embed, bank } = surrogate.labeller as Network;
    const classifier = createNetworkFromFile(await readAsset("lab/cifar10-efficientnet-lite0.safetensors"));
    const [as, mirrored, byHand] = tf.tidy(() => {
      const view = tf.tensor4d(scaled.data, [1, 32, 32, 3]);
      const seen = [false, true].flatMap((mirror) =>
        [0, 1, -1].map((by) => tf.tensor4d(shifted(scaled.data, by, 2 * by, mirror), [1, 32, 32, 3])),
      );
      const embeddings = [
        embed(view),
        embed(tf.reverse(view, 2)),
        tf.mean(tf.stack(seen.map((view) => classifier.embed(view))), 0),
      ];
      return embeddings.map((z) => logPosterior(z as tf.Tensor2D, bank).dataSync());
    }) as [Float32Array, Float32Array, Float32Array];
    classifier.dispose();
    as.forEach((logP, c) => {
      expect(mirrored[c]).toBeCloseTo(logP, 4);
      expect(byHand[c]).toBeCloseTo(logP, 4);
    });
    const prediction = await predict(scaled, surrogate);
    const labels = await predictLabels([scaled, scaled], surrogate, [prediction, prediction]);
    const expected = as.indexOf(Math.max(...as));
    expect(labels).toEqual([expected, expected]);
  });

  it("are all misled by one perturbation, within the budget, and leave no tensor behind", async () => {
    const pixels = picture("gradient");
    const scaled = toScale(pixels, surrogate);
    expect([scaled.width, scaled.height]).toEqual([32, 32]);
    const { label } = await predict(scaled, surrogate);
    const budget = { norm: "linf", epsilon: 8 / 255 } as const;
    const tensors = () => tf.memory().numTensors;
    const perturb = () =>
      findPerturbations([{ scaled, fullSize: pixels, label, luminanceOnly: false, seed: 1 }], surrogate, {
        ...surrogate.ascent,
        optimiser: "adam",
        objective: "overlap",
        budget,
      });
    const [delta] = (await perturb()) as [Float32Array];
    const before = tensors();
    await perturb();
    expect(tensors()).toBe(before);

    const changed = applyPerturbation(pixels, delta, scaled, budget);
    changed.data.forEach((v, i) => {
      expect(Math.abs(v - (pixels.data[i] as number))).toBeLessThanOrEqual(8);
    });
    const views = tf.tensor4d(toScale(changed, surrogate).data, [1, 32, 32, 3]);
    for (const { embed, bank } of surrogate.members)
      expect(1 - Math.exp(logPosterior(embed(views), bank).dataSync()[label] as number)).toBeGreaterThan(0.8);
  });
});
