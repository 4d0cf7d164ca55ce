/** What a surrogate makes of pictures: how they are judged, before and after, and what names them. */
import * as tf from "@tensorflow/tfjs-core";
import { bayesError, credibleSet, logPosterior } from "./bayes-error.ts";
import { type Canvas, middlesOf } from "./canvas.ts";
import { type Surrogate, surrogateLogPosterior } from "./surrogate.ts";

/** What a surrogate makes of a picture. */
export interface Opinion {
  /** p(c|x), [C] */
  readonly posterior: Float32Array;
  /** argmax_c p(c|x) */
  readonly label: number;
  /** 1 - max_c p(c|x) */
  readonly bayesError: number;
}

/** 1 - p(label|x), 0..1; of several classes, 1 - the sum of theirs. */
export function labelError({ posterior }: Opinion, ...labels: readonly number[]): number {
  return labels.reduce((error, label) => error - (posterior[label] as number), 1);
}

/** Shows a surrogate the middle of a canvas. */
export async function judge(canvas: Canvas, surrogate: Surrogate): Promise<Opinion> {
  const [opinion] = await judgeAll([canvas], surrogate);
  return opinion as Opinion;
}

/** Shows a surrogate the middles of canvases, all at once; an opinion of each. */
export async function judgeAll(canvases: readonly Canvas[], surrogate: Surrogate): Promise<Opinion[]> {
  const { numClasses } = surrogate;
  const tensors = tf.tidy(() => {
    const logP = surrogateLogPosterior(surrogate, middlesOf(canvases, surrogate));
    return [tf.exp(logP), tf.argMax(logP, 1), bayesError(logP)];
  }) as [tf.Tensor, tf.Tensor, tf.Tensor];
  try {
    const [posteriors, labels, errors] = (await Promise.all(tensors.map((tensor) => tensor.data()))) as [
      Float32Array,
      Int32Array,
      Float32Array,
    ];
    return rowsOf(posteriors, numClasses).map((posterior, i) => ({
      posterior,
      label: labels[i] as number,
      bayesError: errors[i] as number,
    }));
  } finally {
    tf.dispose(tensors);
  }
}

/**
 * The classes that clean pictures may well be of, of which a surrogate has opinions: y0 of each first, where no person says
 * otherwise.
 */
export async function nameClasses(
  canvases: readonly Canvas[],
  surrogate: Surrogate,
  opinions: readonly Opinion[],
): Promise<number[][]> {
  const { labeller, numClasses, credibleMass } = surrogate;
  if (!labeller) return opinions.map(({ posterior }) => credibleSet(posterior, credibleMass));
  const named = tf.tidy(() =>
    tf.exp(logPosterior(labeller.embed(middlesOf(canvases, surrogate)), labeller.bank)),
  );
  try {
    return rowsOf((await named.data()) as Float32Array, numClasses).map((p) => credibleSet(p, credibleMass));
  } finally {
    named.dispose();
  }
}

function rowsOf(matrix: Float32Array, columns: number): Float32Array[] {
  return Array.from({ length: matrix.length / columns }, (_, i) =>
    matrix.slice(i * columns, (i + 1) * columns),
  );
}
