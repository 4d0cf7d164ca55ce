/** What a surrogate predicts for pictures, before and after, and the errors that follow from it. */
import * as tf from "@tensorflow/tfjs-core";
import { bayesError, logPosterior } from "./bayes-error.ts";
import { featureError } from "./feature-objectives.ts";
import { centreCrops, type ScaledPicture } from "./scaled-picture.ts";
import { embedAndClassify, type Surrogate } from "./surrogate.ts";

/** A surrogate's prediction for the centre crop of a picture. */
export interface Prediction {
  /** p(c|x), [C] */
  readonly posterior: Float32Array;
  /** argmax_c p(c|x) */
  readonly label: number;
  /** 1 - max_c p(c|x) */
  readonly bayesError: number;
  /** By each member, [D] each. */
  readonly embeddings: readonly Float32Array[];
}

/** Predicts one picture. */
export async function predict(picture: ScaledPicture, surrogate: Surrogate): Promise<Prediction> {
  const [prediction] = await predictAll([picture], surrogate);
  return prediction as Prediction;
}

/** Predicts pictures as one batch; a prediction for each. */
export async function predictAll(
  pictures: readonly ScaledPicture[],
  surrogate: Surrogate,
): Promise<Prediction[]> {
  const tensors = tf.tidy(() => {
    const { embeddings, logP } = embedAndClassify(surrogate, centreCrops(pictures, surrogate));
    return [tf.exp(logP), tf.argMax(logP, 1), bayesError(logP), ...embeddings];
  }) as tf.Tensor[];
  try {
    const [posteriors, labels, errors, ...embeddings] = (await Promise.all(
      tensors.map((tensor) => tensor.data()),
    )) as [Float32Array, Int32Array, Float32Array, ...Float32Array[]];
    const row = (matrix: Float32Array, i: number) => {
      const length = matrix.length / pictures.length;
      return matrix.slice(i * length, (i + 1) * length);
    };
    return pictures.map((_, i) => ({
      posterior: row(posteriors, i),
      label: labels[i] as number,
      bayesError: errors[i] as number,
      embeddings: embeddings.map((matrix) => row(matrix, i)),
    }));
  } finally {
    tf.dispose(tensors);
  }
}

/** The class y0 of clean pictures: the labeller's where the surrogate has one, else the predicted class. */
export async function predictLabels(
  pictures: readonly ScaledPicture[],
  surrogate: Surrogate,
  predictions: readonly Prediction[],
): Promise<number[]> {
  const { labeller } = surrogate;
  if (!labeller) return predictions.map(({ label }) => label);
  const labels = tf.tidy(() =>
    tf.argMax(logPosterior(labeller.embed(centreCrops(pictures, surrogate)), labeller.bank), 1),
  );
  try {
    return [...(await labels.data())];
  } finally {
    labels.dispose();
  }
}

/** The errors of one picture under a surrogate. */
export interface PictureErrors {
  /** 1 - max_c p(c|x), 0..1-1/C. */
  readonly bayesError: number;
  /** 1 - p(y0|x), 0..1. */
  readonly labelError: number;
  /** See {@link featureErrorOf}; absent where a member has no feature bank. */
  readonly featureError?: number;
}

/** @param clean prediction for the clean picture, whose class is `label` */
export async function errorsOf(
  prediction: Prediction,
  clean: Prediction,
  label: number,
  surrogate: Surrogate,
): Promise<PictureErrors> {
  const featureError = await featureErrorOf(prediction, clean, surrogate);
  return {
    bayesError: prediction.bayesError,
    labelError: labelError(prediction, label),
    ...(featureError !== undefined && { featureError }),
  };
}

/** 1 - p(label|x), 0..1. */
export function labelError(prediction: Prediction, label: number): number {
  return 1 - (prediction.posterior[label] as number);
}

/**
 * The label error in feature space next to the clean picture, 0..1: the mean over the members; undefined
 * where a member has no feature bank.
 */
export async function featureErrorOf(
  { embeddings }: Prediction,
  clean: Prediction,
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
