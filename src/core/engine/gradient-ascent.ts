/**
 * Projected gradient ascent: evaluate the loss, step, project, keep the best point. The loop knows nothing of
 * pictures: the caller passes the loss, the optimiser and the projection as functions. Where the loss is a
 * sum over independent rows, one run optimises all rows at once.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Optimiser } from "./optimisers.ts";

export interface AscentOptions {
  /** Gradient steps, at least 1. */
  readonly steps: number;
  /** The run disposes it. */
  readonly optimiser: Optimiser;
  /** The closest allowed point. */
  readonly project: (x: tf.Tensor) => tf.Tensor;
  /** A differentiable scalar, which is maximised; may draw a new random view at every step. */
  readonly loss: (x: tf.Tensor, step: number) => tf.Scalar;
  /**
   * Chooses the best point: `of` gives one number for all of x, or one for each row, and then each row keeps
   * its own best point. Evaluated every `every` steps and after the last. Without a metric the loss decides,
   * which suits a loss that draws nothing.
   */
  readonly metric?: { readonly of: (x: tf.Tensor) => tf.Tensor; readonly every: number };
  /** Called after each step with the number of steps taken and the loss before the step. */
  readonly onStep?: (done: number, loss: number) => void;
}

export interface AscentResult {
  /** The best point seen, or the start if no value of the metric was a number; the caller disposes it. */
  readonly best: tf.Tensor;
  /** The metric at `best`, as many numbers as the metric gives; -Infinity for the start. */
  readonly values: Float32Array;
}

/**
 * Runs from `start`, which the caller still owns. Lets the event loop run between steps.
 * @throws AbortError (the signal's reason) when `signal` fires; leaves no tensor behind then either
 */
export async function gradientAscent(
  start: tf.Tensor,
  options: AscentOptions,
  signal?: AbortSignal,
): Promise<AscentResult> {
  const { steps, optimiser, project, loss, metric, onStep } = options;
  let x = tf.tidy(() => project(tf.clone(start)));
  let best = tf.clone(x);
  let bestValues: Float32Array | undefined;

  const keepBest = async (value: tf.Tensor) => {
    const values = (await value.data()) as Float32Array;
    const before = bestValues ?? values.map(() => Number.NEGATIVE_INFINITY);
    const better = Array.from(values, (value, i) => value > (before[i] as number));
    bestValues = before.map((value, i) => (better[i] ? (values[i] as number) : value));
    if (!better.some(Boolean)) return;
    const chosen = better.every(Boolean) ? tf.clone(x) : selectRows(better, x, best);
    best.dispose();
    best = chosen;
  };

  try {
    for (let step = 0; step < steps; step++) {
      signal?.throwIfAborted();
      const { value, grad } = valueAndGradient((at) => loss(at, step), x);
      try {
        const number = (await value.data())[0] as number;
        if (!metric) await keepBest(value);
        const next = tf.tidy(() => project(optimiser.step(x, grad)));
        x.dispose();
        x = next;
        onStep?.(step + 1, number);
      } finally {
        tf.dispose([value, grad]);
      }
      const last = step === steps - 1;
      if (metric ? (step + 1) % metric.every === 0 || last : last) {
        const value = tf.tidy(() => (metric ? metric.of(x) : loss(x, steps)));
        try {
          await keepBest(value);
        } finally {
          value.dispose();
        }
      }
      await nextTask();
    }
    signal?.throwIfAborted();
    return { best: tf.clone(best), values: bestValues as Float32Array };
  } finally {
    tf.dispose([x, best]);
    optimiser.dispose();
  }
}

/** The rows of `a` where `fromA` is true, else those of `b`. */
function selectRows(fromA: readonly boolean[], a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const condition = tf.tensor(fromA as boolean[], [fromA.length, ...a.shape.slice(1).fill(1)], "bool");
    return tf.where(condition, a, b);
  });
}

/**
 * `tf.valueAndGrad`, except that a throw in the forward pass also frees the tensors saved for the backward
 * pass.
 */
function valueAndGradient(
  f: (x: tf.Tensor) => tf.Scalar,
  x: tf.Tensor,
): { value: tf.Scalar; grad: tf.Tensor } {
  try {
    return tf.tidy(() => tf.valueAndGrad(f)(x));
  } catch (error) {
    for (const node of tf.engine().state.activeTape ?? []) tf.dispose(node.saved ?? []);
    throw error;
  }
}

/**
 * Lets messages and clicks be handled. Not `setTimeout`, which browsers limit to one call a second in hidden
 * documents.
 */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
