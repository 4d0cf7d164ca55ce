import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { projectOntoBudget } from "../../../../src/core/engine/budget.ts";
import { createRandom } from "../../../../src/core/engine/random.ts";
import {
  enlargeThenShrink,
  resampled,
  resampleToFloats,
  resamplingWeights,
  weightsToMatrix,
} from "../../../../src/core/engine/resample.ts";
import {
  applySeparable,
  operatorOf,
  PHOTOGRAPH_VIEWS,
  resizeViews,
  THUMBNAIL_VIEWS,
  viewResampling,
} from "../../../../src/core/engine/transforms.ts";

beforeAll(() => tf.setBackend("cpu"));

const viewOperator = (...of: Parameters<typeof viewResampling>) => operatorOf(viewResampling(...of));

describe("resampling", () => {
  it("never weighs outside the input, and weights sum to one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (inSize, outSize) => {
        for (const { first, weights } of resamplingWeights(inSize, outSize)) {
          expect(first).toBeGreaterThanOrEqual(0);
          expect(first + weights.length).toBeLessThanOrEqual(inSize);
          expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
          expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it("is the identity at the same size", () => {
    const matrix = weightsToMatrix(resamplingWeights(9, 9), 9);
    expect([...matrix]).toEqual([...tf.eye(9).dataSync()]);
    expect([...weightsToMatrix(enlargeThenShrink(9, 9), 9)]).toEqual([...matrix]);
  });

  it("enlarges as bilinear interpolation does, half-pixel centres", () => {
    const x = tf.tensor4d([0, 1, 4, 9, 16], [1, 1, 5, 1]);
    const expected = tf.image.resizeBilinear(x, [1, 12], false, true).dataSync();
    resamplingWeights(5, 12).forEach(({ first, weights }, i) => {
      const value = weights.reduce((sum, w, k) => sum + w * (first + k) ** 2, 0);
      expect(value).toBeCloseTo(expected[i] as number, 5);
    });
  });

  it("enlarges and shrinks a perturbation in one matrix", () => {
    const n = 8;
    const full = 21;
    const up = tf.tensor2d(weightsToMatrix(resamplingWeights(n, full), n), [full, n]);
    const down = tf.tensor2d(weightsToMatrix(resamplingWeights(full, n), full), [n, full]);
    const expected = tf.matMul(down, up).dataSync();
    weightsToMatrix(enlargeThenShrink(n, full), n).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5);
    });
  });

  it("shrinks a picture to its mean, and keeps a flat one flat", () => {
    const data = new Uint8ClampedArray(4 * 40 * 30);
    for (let i = 0; i < data.length; i++) data[i] = [51, 102, 204, 7][i & 3] as number;
    const small = resampleToFloats({ width: 40, height: 30, data }, 7, 5);
    expect(small.length).toBe(7 * 5 * 3);
    small.forEach((v, i) => {
      expect(v).toBeCloseTo([0.2, 0.4, 0.8][i % 3] as number, 5);
    });
  });
});

describe("views", () => {
  it("show the centre unchanged where the scale fits", () => {
    const picture = tf.randomUniform([16, 24, 3]) as tf.Tensor3D;
    const view = applySeparable(picture, viewOperator(PHOTOGRAPH_VIEWS.centre(24, 16), 24, 16, 14));
    const expected = tf.slice(picture, [1, 5, 0], [14, 14, 3]).dataSync();
    view.dataSync().forEach((v, i) => {
      expect(v).toBeCloseTo(expected[i] as number, 5);
    });
  });

  it("mirror when flipped", () => {
    const picture = tf.randomUniform([10, 10, 3]) as tf.Tensor3D;
    const whole = { top: 0, left: 0, width: 10, height: 10, detail: 1 };
    const plain = applySeparable(picture, viewOperator({ ...whole, flip: false }, 10, 10, 10));
    const flipped = applySeparable(picture, viewOperator({ ...whole, flip: true }, 10, 10, 10));
    expect(tf.max(tf.abs(tf.sub(tf.reverse(plain, 1), flipped))).dataSync()[0]).toBeLessThan(1e-6);
  });

  it("of a picture without a gradient are the same as by matrices", () => {
    const picture = tf.randomUniform([30, 40, 3]) as tf.Tensor3D;
    const view = { top: 3.3, left: 7.7, width: 25.2, height: 19.1, flip: true, detail: 0.6 };
    const seen = viewResampling(view, 40, 30, 32);
    const values = resampled(
      { data: picture.dataSync() as Float32Array, width: 40, numbers: 3, white: 1 },
      seen.down,
      seen.across,
    );
    const expected = applySeparable(picture, operatorOf(seen)).dataSync();
    expect(values.length).toBe(expected.length);
    expect(Math.max(...values.map((v, i) => Math.abs(v - (expected[i] as number))))).toBeLessThan(1e-5);
  });

  it("pass on the gradient of the two matrix products", () => {
    const x = tf.randomNormal([9, 12, 3]) as tf.Tensor3D;
    const view = { top: 1.5, left: 2, height: 6, width: 7.5, flip: true, detail: 0.7 };
    const weights = tf.randomNormal([8, 8, 3]);
    const gradient = (f: (x: tf.Tensor3D) => tf.Tensor) =>
      tf
        .grad((at: tf.Tensor) => tf.sum(tf.mul(weights, f(at as tf.Tensor3D))))(x)
        .dataSync();
    // The operator is made inside, as in the gradient ascent, where its tensors are freed before the backward
    // pass.
    const actual = gradient((at) => applySeparable(at, viewOperator(view, 12, 9, 8)));
    const { top, left, rows, cols } = viewOperator(view, 12, 9, 8);
    const part = (channel: tf.Tensor2D) => tf.slice(channel, [top, left], [rows.shape[1], cols.shape[1]]);
    const expected = gradient((at) =>
      tf.stack(
        tf
          .unstack(at, 2)
          .map((channel) => tf.matMul(tf.matMul(rows, part(channel as tf.Tensor2D)), cols, false, true)),
        2,
      ),
    );
    actual.forEach((g, i) => {
      expect(g).toBeCloseTo(expected[i] as number, 4);
    });
  });

  it("are enlarged one by one, with the gradient of bilinear interpolation", () => {
    const views = tf.randomUniform<tf.Rank.R4>([2, 4, 4, 3], 0, 1, "float32", 1);
    const weights = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 3], -1, 1, "float32", 2);
    const expected = tf.image.resizeBilinear(views, [8, 8], false, true);
    expect(tf.max(tf.abs(tf.sub(resizeViews(views, 8), expected))).dataSync()[0]).toBeLessThan(1e-6);
    // Of a linear map L the gradient of <L(x), w> is the same everywhere, and <it, x> is <L(x), w>.
    const product = (x: tf.Tensor) => tf.sum(tf.mul(resizeViews(x as tf.Tensor4D, 8), weights));
    const gradient = tf.grad(product)(views);
    expect(tf.sum(tf.mul(gradient, views)).dataSync()[0]).toBeCloseTo(
      product(views).dataSync()[0] as number,
      4,
    );
    expect(tf.sum(gradient).dataSync()[0]).toBeCloseTo(tf.sum(weights).dataSync()[0] as number, 4);
  });

  it("of thumbnails shift them by whole pixels, and mirror them at the borders", () => {
    const picture = tf.randomUniform([32, 32, 3]) as tf.Tensor3D;
    const shifts = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const { top, left, flip, ...rest } = THUMBNAIL_VIEWS.sample(32, 32, createRandom(seed), 1);
      expect(rest).toEqual({ height: 32, width: 32, detail: 1 });
      shifts.add(top).add(left);
      const view = applySeparable(picture, viewOperator({ ...rest, top, left, flip }, 32, 32, 32));
      const wide = tf.mirrorPad(
        picture,
        [
          [3, 3],
          [3, 3],
          [0, 0],
        ],
        "reflect",
      );
      const cut = tf.slice(wide, [3 + top, 3 + left, 0], [32, 32, 3]);
      const expected = flip ? tf.reverse(cut, 1) : cut;
      expect(tf.max(tf.abs(tf.sub(view, expected))).dataSync()[0]).toBeLessThan(1e-6);
    }
    expect([...shifts].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
  });

  it("drawn at random stay inside the picture", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 16, max: 900 }),
        fc.integer({ min: 16, max: 900 }),
        (seed, w, h) => {
          const view = PHOTOGRAPH_VIEWS.sample(w, h, createRandom(seed), 1);
          expect(view.left).toBeGreaterThanOrEqual(0);
          expect(view.top).toBeGreaterThanOrEqual(0);
          expect(view.left + view.width).toBeLessThanOrEqual(w + 1e-9);
          expect(view.top + view.height).toBeLessThanOrEqual(h + 1e-9);
        },
      ),
    );
  });
});

describe("views of photographs", () => {
  const details = (factor: number) =>
    Array.from(
      { length: 400 },
      (_, seed) => PHOTOGRAPH_VIEWS.sample(256, 200, createRandom(seed), factor).detail,
    );
  const shrunk = (factor: number) => details(factor).filter((detail) => detail < 1);

  it("are smaller in an ascent on small pictures: multiples of 32 pixels, from 96 on", () => {
    const sides = [1, 32, 48, 49, 64, 90, 100, 224, 4000].map((side) =>
      PHOTOGRAPH_VIEWS.ascentSide(side, 224),
    );
    expect(sides).toEqual([96, 96, 96, 96, 96, 160, 160, 224, 224]);
    expect(PHOTOGRAPH_VIEWS.ascentSide(4000, 16)).toBe(16);
  });

  it("are shrunk more often and further in pictures smaller than the surrogate's scale", () => {
    expect(shrunk(0.6).length / 400).toBeCloseTo(0.75, 1);
    expect(shrunk(2).length / 400).toBeCloseTo(0.5, 1);
    expect(Math.min(...details(0.6))).toBeGreaterThanOrEqual(0.4);
    expect(Math.min(...details(0.6))).toBeLessThan(0.45);
    expect(Math.min(...details(2))).toBeGreaterThanOrEqual(0.5);
  });

  it("lose detail in proportion to their own pixels where those are fewer than the view's", () => {
    // A fine pattern of 40 pixels, enlarged to a view of 64: half of 40 pixels cannot show it.
    const fine = tf.tensor3d(
      Float32Array.from({ length: 40 * 40 }, (_, i) => i % 2),
      [40, 40, 1],
    );
    const contrast = (detail: number) => {
      const view = { top: 0, left: 0, height: 40, width: 40, flip: false, detail };
      const seen = applySeparable(fine, viewOperator(view, 40, 40, 64)).dataSync();
      return Math.max(...seen) - Math.min(...seen);
    };
    expect(contrast(1)).toBeGreaterThan(0.5);
    expect(contrast(0.5)).toBeLessThan(0.2);
  });
});

describe("budget", () => {
  const picture = tf.tensor2d([0, 0.01, 0.5, 0.99, 1, 0.3], [1, 6]);
  const everywhere = tf.ones([1, 6]) as tf.Tensor2D;
  const wild = tf.tensor2d([-1, -1, 0.01, 1, 1, -0.7], [1, 6]);

  it("clips to epsilon and to the range of the picture (L-infinity)", () => {
    const inside = projectOntoBudget(
      wild,
      { norm: "linf", epsilon: 0.1 },
      { pixels: picture, mask: everywhere, lengths: [6] },
    ).dataSync();
    [0, -0.01, 0.01, 0.01, 0, -0.1].forEach((v, i) => {
      expect(inside[i]).toBeCloseTo(v, 5);
    });
  });

  it("scales to the root mean square (L2), and leaves smaller perturbations unchanged", () => {
    const middle = tf.fill([1, 6], 0.5) as tf.Tensor2D;
    const budget = { norm: "l2", epsilon: 0.1 } as const;
    const bounds = { pixels: middle, mask: everywhere, lengths: [6] };
    const projected = projectOntoBudget(tf.mul(wild, 0.3), budget, bounds);
    expect(tf.sqrt(tf.mean(tf.square(projected))).dataSync()[0]).toBeCloseTo(0.1, 5);
    const small = tf.mul(wild, 0.01) as tf.Tensor2D;
    expect(projectOntoBudget(small, budget, bounds).dataSync()[3]).toBeCloseTo(0.01, 6);
    const row = (...values: number[]) => tf.tensor2d(values, [1, values.length]);
    const two = tf.concat([row(0.4, -0.4, 0.4, -0.4), row(0.4, 0.2, 0, 0)]) as tf.Tensor2D;
    const half = tf.fill([2, 4], 0.5) as tf.Tensor2D;
    const each = projectOntoBudget(two, budget, { pixels: half, mask: tf.onesLike(two), lengths: [4, 2] });
    const alone = projectOntoBudget(row(0.4, 0.2), budget, {
      pixels: row(0.5, 0.5),
      mask: row(1, 1),
      lengths: [2],
    }).dataSync();
    expect([...each.dataSync()].slice(4)).toEqual([...alone, 0, 0]);
    expect(each.dataSync()[0]).toBeCloseTo(0.1, 5);
  });
});
