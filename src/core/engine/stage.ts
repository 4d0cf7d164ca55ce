/**
 * Pictures laid out for one ascent: a row of numbers for each, so that pictures of any sizes climb together, and share what
 * an operation costs whatever the number of its numbers.
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Canvas, coarsenessOf } from "./canvas.ts";
import type { Mask } from "./mask.ts";
import type { Random } from "./random.ts";
import { enlargeThenShrink } from "./resample.ts";
import type { Surrogate } from "./surrogate.ts";
import { applySeparable, type View, viewOperator } from "./transforms.ts";

export interface StagedPicture {
  readonly canvas: Canvas;
  /** Of the picture that the perturbation will be enlarged to; enlarging blurs, and the ascent knows. */
  readonly fullSize: { readonly width: number; readonly height: number };
  /** Change all three channels alike, which also keeps a grey picture grey: the perturbation is [height, width, 1]. */
  readonly luminanceOnly: boolean;
}

/** m pictures: what may change, where how much, and how they then look. Rows are as long as the longest needs, L; the rest is 0. */
export interface Stage {
  /** How many numbers of its row each perturbation takes. */
  readonly lengths: readonly number[];
  /** What the range of 0..1 is kept for, [m, L]. */
  readonly changeable: tf.Tensor2D;
  /** Share of the budget that each place may use, [m, L]. */
  readonly mask: tf.Tensor2D;
  /** Perturbations as one tensor, [m, L]. */
  rows(deltas: readonly Float32Array[]): tf.Tensor2D;
  /** And back, each [height, width, 3 or 1]. */
  split(x: Float32Array): Float32Array[];
  /**
   * Each picture with its perturbation, enlarged and shrunk again, through a view of its own, [m, S, S, 3]; differentiable.
   * @param x perturbations, [m, L]
   */
  show(x: tf.Tensor2D, viewOf: (canvas: Canvas, i: number) => View): tf.Tensor4D;
  dispose(): void;
}

/** @param surrogate that will be shown the pictures */
export function stage(
  pictures: readonly StagedPicture[],
  surrogate: Pick<Surrogate, "inputSize" | "viewing">,
  mask: Mask,
): Stage {
  const lengths = pictures.map(perturbationSize);
  const longest = Math.max(...lengths);
  const rows = (parts: readonly Float32Array[]) => {
    const all = new Float32Array(parts.length * longest);
    for (const [i, part] of parts.entries()) all.set(part, i * longest);
    return tf.tensor2d(all, [parts.length, longest]);
  };
  const changeable = rows(
    pictures.map(({ canvas, luminanceOnly }) => (luminanceOnly ? inOneChannel(canvas.data) : canvas.data)),
  );
  const shares = rows(
    pictures.map(({ canvas, fullSize, luminanceOnly }) => {
      const share = mask(canvas, coarsenessOf(fullSize, surrogate));
      return luminanceOnly ? share : inThreeChannels(share);
    }),
  );
  const looks = pictures.map((picture) => lookOf(picture, surrogate.inputSize));
  return {
    lengths,
    changeable,
    mask: shares,
    rows,
    split: (x) => lengths.map((length, i) => x.slice(i * longest, i * longest + length)),
    show(x, viewOf) {
      const shown = pictures.map(({ canvas }, i) => {
        const delta = tf.slice(x, [i, 0], [1, lengths[i] as number]);
        return (looks[i] as Look).show(delta, viewOf(canvas, i));
      });
      return tf.clipByValue(tf.stack(shown), 0, 1) as tf.Tensor4D;
    },
    dispose() {
      tf.dispose([changeable, shares]);
      for (const look of looks) look.dispose();
    },
  };
}

/** One picture as the stage shows it. */
interface Look {
  /** [S, S, 3], not yet in range, of a perturbation [height * width * channels]. */
  show(delta: tf.Tensor, view: View): tf.Tensor3D;
  dispose(): void;
}

function lookOf({ canvas, fullSize, luminanceOnly }: StagedPicture, inputSize: number): Look {
  const { width, height, data } = canvas;
  const picture = tf.tensor3d(data, [height, width, 3]);
  const blurRows = tf.tensor2d(enlargeThenShrink(height, fullSize.height), [height, height]);
  const blurCols = tf.tensor2d(enlargeThenShrink(width, fullSize.width), [width, width]);
  return {
    show(delta, view) {
      const operator = viewOperator(view, width, height, inputSize);
      const enlarged = {
        rows: tf.matMul<tf.Tensor2D>(operator.rows, blurRows),
        cols: tf.matMul<tf.Tensor2D>(operator.cols, blurCols),
      };
      const change: tf.Tensor3D = tf.reshape(delta, [height, width, luminanceOnly ? 1 : 3]);
      return tf.add(applySeparable(picture, operator), applySeparable(change, enlarged));
    },
    dispose: () => tf.dispose([picture, blurRows, blurCols]),
  };
}

function perturbationSize({ canvas: { width, height }, luminanceOnly }: StagedPicture): number {
  return width * height * (luminanceOnly ? 1 : 3);
}

/** Uniform noise of a quarter of the budget: enough to leave a point without gradient, too little to see. */
export function randomStart(picture: StagedPicture, epsilon: number, random: Random): Float32Array {
  return Float32Array.from({ length: perturbationSize(picture) }, () =>
    random.between(-epsilon / 4, epsilon / 4),
  );
}

/** One channel, [h, w, 1], as three that are alike, [h, w, 3]. */
export function inThreeChannels(one: Float32Array): Float32Array {
  return Float32Array.from({ length: 3 * one.length }, (_, i) => one[Math.floor(i / 3)] as number);
}

/** The mean of three channels. */
function inOneChannel(three: Float32Array): Float32Array {
  return Float32Array.from({ length: three.length / 3 }, (_, i) => {
    const [r, g, b] = three.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    return (r + g + b) / 3;
  });
}
