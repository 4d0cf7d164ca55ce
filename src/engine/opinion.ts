/** What a surrogate makes of pictures: how they are judged, before and after, and what names them. */
import * as tf from "@tensorflow/tfjs-core";
import { bayesError, logPosterior } from "./bayes-error.ts";
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

/** 1 - p(label|x), 0..1. */
export function labelError(opinion: Opinion, label: number): number {
  return 1 - (opinion.posterior[label] as number);
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
    return canvases.map((_, i) => ({
      posterior: posteriors.slice(i * numClasses, (i + 1) * numClasses),
      label: labels[i] as number,
      bayesError: errors[i] as number,
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
