/**
 * The science applied to a chunk of a labelled set: the perturbations of its pictures climb together, while all others
 * stand still (joint.ts). The rest is as for one picture (perturb.ts): random views, the same budget and mask.
 */
import * as tf from "@tensorflow/tfjs-core";
import { adamSteps, ascend } from "./ascend.ts";
import { projectOntoBudget } from "./budget.ts";
import { type Canvas, middlesOf } from "./canvas.ts";
import { type Moving, unitLength } from "./joint.ts";
import type { Mask } from "./mask.ts";
import { createRandom } from "./random.ts";
import { randomStart, type StagedPicture, stage } from "./stage.ts";
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
  const z = tf.tidy(() => embedTogether(surrogate, middlesOf(canvases, surrogate)));
  try {
    return (await z.data()) as Float32Array;
  } finally {
    z.dispose();
  }
}

export interface ChunkPicture extends StagedPicture {
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
  readonly mask: Mask;
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
  const staged = stage(pictures, surrogate, options.mask);
  const embed = (x: tf.Tensor, viewOf: (canvas: Canvas) => View) =>
    embedTogether(surrogate, staged.show(x as tf.Tensor2D, viewOf));
  const { centre, random: draw } = surrogate.viewing;
  const inTheMiddle = (x: tf.Tensor) => embed(x, ({ width, height }) => centre(width, height));
  const measure = (x: tf.Tensor) => tf.tidy(() => moving.measure(inTheMiddle(x)));
  const start = staged.rows(
    pictures.map((picture) => picture.delta ?? randomStart(picture, epsilon, random)),
  );
  const held = staged.rows(pictures.map(({ delta = new Float32Array() }) => delta));
  try {
    const { best, scores } = await ascend(
      start,
      {
        steps: options.steps,
        stepRule: adamSteps({ stepSize: options.stepSize, beta2: 0.99, stabiliser: 1e-12 }),
        project: (x) =>
          projectOntoBudget(
            x as tf.Tensor2D,
            staged.changeable,
            { norm: "linf", epsilon },
            staged.mask,
            staged.lengths,
          ),
        objective: (x) => moving.raise(embed(x, ({ width, height }) => draw(width, height, random, 1))),
        score: { of: measure, every: SCORE_EVERY },
      },
      signal,
    );
    const heldScore = measure(held);
    // Where the chunk came to is no good if it was better off before: no chunk ever lowers the error of the set.
    const better = (scores[0] as number) > ((await heldScore.data())[0] as number) ? best : held;
    const z = tf.tidy(() => inTheMiddle(better));
    try {
      return {
        deltas: staged.split((await better.data()) as Float32Array),
        embeddings: (await z.data()) as Float32Array,
      };
    } finally {
      tf.dispose([best, heldScore, z]);
    }
  } finally {
    tf.dispose([held, start]);
    staged.dispose();
  }
}
