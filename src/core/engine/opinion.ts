/** What a surrogate makes of pictures: how they are judged, before and after, and what names them. */
import * as tf from "@tensorflow/tfjs-core";
import { bayesError, logPosterior } from "./bayes-error.ts";
import { type Canvas, middlesOf } from "./canvas.ts";
import { featureError } from "./features.ts";
import { embedAndName, type Surrogate } from "./surrogate.ts";

/** What a surrogate makes of a picture. */
export interface Opinion {
  /** p(c|x), [C] */
  readonly posterior: Float32Array;
  /** argmax_c p(c|x) */
  readonly label: number;
  /** 1 - max_c p(c|x) */
  readonly bayesError: number;
  /** What each member makes of it, [D] each. */
  readonly embeddings: readonly Float32Array[];
}

/** 1 - p(label|x), 0..1. */
export function labelError(opinion: Opinion, label: number): number {
  return 1 - (opinion.posterior[label] as number);
}

/**
 * The label error in feature space of a picture that a surrogate has an opinion of, next to that of the clean picture, 0..1: the
 * mean over the members; nothing where one of them has no bank of features.
 */
export async function featureErrorOf(
  { embeddings }: Opinion,
  clean: Opinion,
  { members }: Surrogate,
): Promise<number | undefined> {
  const banks = members.flatMap(({ features }) => features ?? []);
  if (banks.length < members.length) return undefined;
  const error = tf.tidy(() =>
    tf.mean(
      tf.stack(
        banks.map((bank, i) =>
          featureError(
            rowOf(embeddings[i] as Float32Array),
            tf.expandDims(rowOf(clean.embeddings[i] as Float32Array), 1),
            bank,
          ),
        ),
      ),
    ),
  );
  try {
    return (await error.data())[0];
  } finally {
    error.dispose();
  }
}

function rowOf(values: Float32Array): tf.Tensor2D {
  return tf.tensor2d(values, [1, values.length]);
}

/** Shows a surrogate the middle of a canvas. */
export async function judge(canvas: Canvas, surrogate: Surrogate): Promise<Opinion> {
  const [opinion] = await judgeAll([canvas], surrogate);
  return opinion as Opinion;
}

/** Shows a surrogate the middles of canvases, all at once; an opinion of each. */
export async function judgeAll(canvases: readonly Canvas[], surrogate: Surrogate): Promise<Opinion[]> {
  const tensors = tf.tidy(() => {
    const { embeddings, logP } = embedAndName(surrogate, middlesOf(canvases, surrogate));
    return [tf.exp(logP), tf.argMax(logP, 1), bayesError(logP), ...embeddings];
  }) as tf.Tensor[];
  try {
    const [posteriors, labels, errors, ...embeddings] = (await Promise.all(
      tensors.map((tensor) => tensor.data()),
    )) as [Float32Array, Int32Array, Float32Array, ...Float32Array[]];
    const row = (matrix: Float32Array, i: number) => {
      const length = matrix.length / canvases.length;
      return matrix.slice(i * length, (i + 1) * length);
    };
    return canvases.map((_, i) => ({
      posterior: row(posteriors, i),
      label: labels[i] as number,
      bayesError: errors[i] as number,
      embeddings: embeddings.map((matrix) => row(matrix, i)),
    }));
  } finally {
    tf.dispose(tensors);
  }
}

/** What clean pictures show, of which a surrogate has opinions: y0 of each where no person says otherwise. */
export async function nameLabels(
  canvases: readonly Canvas[],
  surrogate: Surrogate,
  opinions: readonly Opinion[],
): Promise<number[]> {
  const { labeller } = surrogate;
  if (!labeller) return opinions.map(({ label }) => label);
  const labels = tf.tidy(() =>
    tf.argMax(logPosterior(labeller.embed(middlesOf(canvases, surrogate)), labeller.bank), 1),
  );
  try {
    return [...(await labels.data())];
  } finally {
    labels.dispose();
  }
}
