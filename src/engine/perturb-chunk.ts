/**
 * The science applied to a chunk of a labelled set: the perturbations of its pictures climb together, while all others
 * stand still (joint.ts). The rest is as for one picture (perturb.ts): random views, the same budget and mask.
 */
import * as tf from "@tensorflow/tfjs-core";
import { adamSteps, ascend } from "./ascend.ts";
import { projectOntoBudget } from "./budget.ts";
import { type Moving, unitLength } from "./joint.ts";
import { type Canvas, middleOf, randomStart, stage } from "./perturb.ts";
import { createRandom } from "./random.ts";
import type { Surrogate } from "./surrogate.ts";
import type { View } from "./transforms.ts";

/** The members' embeddings side by side, each as long as the others, and together of length 1: [m, D]. */
function embedTogether({ members }: Surrogate, views: tf.Tensor4D): tf.Tensor2D {
  return unitLength(
    tf.concat(
      members.map((member) => unitLength(member.embed(views))),
      1,
    ),
  );
}

/** What a surrogate makes of the middles of canvases, at length 1: [m, D]. */
export async function embedCanvases(
  canvases: readonly Canvas[],
  surrogate: Surrogate,
): Promise<Float32Array> {
  const z = tf.tidy(() =>
    embedTogether(surrogate, tf.concat(canvases.map((canvas) => middleOf(canvas, surrogate)))),
  );
  try {
    return (await z.data()) as Float32Array;
  } finally {
    z.dispose();
  }
}

export interface ChunkPicture {
  readonly canvas: Canvas;
  /** Of the picture that the perturbation will be enlarged to. */
  readonly fullSize: { readonly width: number; readonly height: number };
  /** Change all three channels alike: its perturbation is [height, width, 1]. */
  readonly grey: boolean;
  /** From where to go on; at random without it. */
  readonly delta?: Float32Array | undefined;
}

export interface ChunkOptions {
  /** L-infinity budget, fraction of the 0..1 range. */
  readonly epsilon: number;
  /** Gradient steps, at least 1. */
  readonly steps: number;
  /** In fractions of the 0..1 range. */
  readonly stepSize: number;
  readonly smoothShare: number;
  readonly seed: number;
}

/** Steps between two looks at the middles of the pictures, by which the best perturbations are chosen. */
const SCORE_EVERY = 5;

/**
 * Some steps uphill for a chunk.
 * @returns a perturbation for each picture, [height, width, 3 or 1], and the embeddings with them, [m, D]
 * @throws AbortError when `signal` fires
 */
export async function perturbChunk(
  pictures: readonly ChunkPicture[],
  moving: Moving,
  surrogate: Surrogate,
  options: ChunkOptions,
  signal?: AbortSignal,
): Promise<{ deltas: Float32Array[]; embeddings: Float32Array }> {
  const { epsilon } = options;
  const random = createRandom(options.seed);
  // One column of numbers for all pictures, whatever their sizes, so that the one loop climbs with them all.
  const column = (parts: tf.Tensor[]) => tf.concat(parts.map((part) => tf.reshape(part, [-1, 1, 1])));
  let length = 0;
  const parts = pictures.map(({ canvas, fullSize, grey, delta }) => {
    const staged = stage(canvas, fullSize, surrogate.inputSize, { grey, smoothShare: options.smoothShare });
    const from = length;
    length += staged.changeable.size;
    return { canvas, delta, staged, from, size: staged.changeable.size };
  });
  const embed = (x: tf.Tensor, viewOf: (canvas: Canvas) => View) =>
    embedTogether(
      surrogate,
      tf.concat(
        parts.map(({ canvas, staged, from, size }) =>
          staged.show(tf.reshape(tf.slice(x, [from], [size]), staged.shape), viewOf(canvas)),
        ),
      ),
    );
  const { centre, random: draw } = surrogate.viewing;
  const inTheMiddle = (x: tf.Tensor) => embed(x, ({ width, height }) => centre(width, height));
  const [held, start, changeable, mask] = tf.tidy(() => [
    column(parts.map(({ delta, staged }) => (delta ? tf.tensor(delta) : tf.zeros(staged.shape)))),
    column(parts.map(({ delta, staged }) => tf.tensor(delta ?? randomStart(staged.shape, epsilon, random)))),
    column(parts.map(({ staged }) => staged.changeable)),
    column(parts.map(({ staged }) => staged.mask)),
  ]) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
  const measure = (x: tf.Tensor) => tf.tidy(() => moving.measure(inTheMiddle(x)));
  try {
    const { best, bestScore } = await ascend(
      start,
      {
        steps: options.steps,
        stepRule: adamSteps({ stepSize: options.stepSize, beta2: 0.99, stabiliser: 1e-12 }),
        project: (x) => projectOntoBudget(x as tf.Tensor3D, changeable, { norm: "linf", epsilon }, mask),
        objective: (x) => moving.raise(embed(x, ({ width, height }) => draw(width, height, random))),
        score: { of: measure, every: SCORE_EVERY },
      },
      signal,
    );
    const heldScore = measure(held);
    // Where the chunk came to is no good if it was better off before: no chunk ever lowers the error of the set.
    const better = bestScore > ((await heldScore.data())[0] as number) ? best : held;
    const z = tf.tidy(() => inTheMiddle(better));
    try {
      const all = (await better.data()) as Float32Array;
      return {
        deltas: parts.map(({ from, size }) => all.slice(from, from + size)),
        embeddings: (await z.data()) as Float32Array,
      };
    } finally {
      tf.dispose([best, heldScore, z]);
    }
  } finally {
    tf.dispose([held, start, changeable, mask]);
    for (const { staged } of parts) staged.dispose();
  }
}
