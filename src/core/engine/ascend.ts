/**
 * Projected gradient ascent: evaluate, step uphill, project, keep the best. The loop knows nothing of pictures; what
 * is maximised, how a step is made and what is allowed are handed to it as functions. Where the objective is a sum over
 * rows that know nothing of each other, one climb is as many as there are rows.
 */
import * as tf from "@tensorflow/tfjs-core";

/** How a gradient becomes a step. Holds its own state; one per run. */
export interface StepRule {
  /** The next point, before projection. */
  step(x: tf.Tensor, gradient: tf.Tensor): tf.Tensor;
  dispose(): void;
}

/** x + size * sign(gradient) */
export function signSteps(stepSize: number): StepRule {
  return { step: (x, gradient) => tf.add(x, tf.mul(tf.sign(gradient), stepSize)), dispose() {} };
}

export interface AdamOptions {
  readonly stepSize: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly stabiliser?: number;
  /** Decoupled weight decay (AdamW): x shrinks by stepSize * weightDecay a step. */
  readonly weightDecay?: number;
}

/** Adam, or AdamW with a weight decay (Loshchilov and Hutter 2019), uphill. */
export function adamSteps({
  stepSize,
  beta1 = 0.9,
  beta2 = 0.999,
  stabiliser = 1e-8,
  weightDecay = 0,
}: AdamOptions): StepRule {
  let moments: { first: tf.Tensor; second: tf.Tensor } | undefined;
  let count = 0;
  return {
    step(x, gradient) {
      count++;
      const [next, first, second] = tf.tidy(() => {
        const m = average(moments?.first, gradient, beta1);
        const v = average(moments?.second, tf.square(gradient), beta2);
        const scale = tf.add(tf.sqrt(tf.div(v, 1 - beta2 ** count)), stabiliser);
        const direction = tf.div(tf.div(m, 1 - beta1 ** count), scale);
        return [
          tf.add(tf.mul(x, 1 - stepSize * weightDecay), tf.mul(direction, stepSize)),
          m,
          v,
        ] as tf.Tensor[];
      }) as [tf.Tensor, tf.Tensor, tf.Tensor];
      tf.dispose(moments);
      moments = { first: tf.keep(first), second: tf.keep(second) };
      return next;
    },
    dispose() {
      tf.dispose(moments);
      moments = undefined;
    },
  };
}

/** Exponential moving average, starting from zero. */
function average(before: tf.Tensor | undefined, now: tf.Tensor, decay: number): tf.Tensor {
  const share = tf.mul(now, 1 - decay);
  return before ? tf.add(tf.mul(before, decay), share) : share;
}

export interface AscentOptions {
  /** Gradient steps, at least 1. */
  readonly steps: number;
  readonly stepRule: StepRule;
  /** The closest allowed point. */
  readonly project: (x: tf.Tensor) => tf.Tensor;
  /** What to maximise, a differentiable scalar; may draw a new random view at every step. */
  readonly objective: (x: tf.Tensor, step: number) => tf.Scalar;
  /**
   * By what the best point is chosen: one number for all of it, or one for each of its rows, of which each keeps its own best.
   * Without it the objective's own value decides, which suits an objective that is the same at every step.
   */
  readonly score?: { readonly of: (x: tf.Tensor) => tf.Tensor; readonly every: number };
  /** After each step: how many are done, and the objective before it. */
  readonly onStep?: (done: number, value: number) => void;
}

export interface Ascent {
  /** The best point seen, or the start where not one score was a number; the caller disposes it. */
  readonly best: tf.Tensor;
  /** Its scores, as many as the score gives; -Infinity for the start. */
  readonly scores: Float32Array;
}

/**
 * Climbs from `start`, which stays the caller's. Lets the event loop run between steps.
 * @throws AbortError (the signal's reason) when `signal` fires; no tensor is left behind then either
 */
export async function ascend(
  start: tf.Tensor,
  options: AscentOptions,
  signal?: AbortSignal,
): Promise<Ascent> {
  const { steps, stepRule, project, objective, score, onStep } = options;
  let x = tf.tidy(() => project(tf.clone(start)));
  let best = tf.clone(x);
  let bestScores: Float32Array | undefined;

  const consider = async (value: tf.Tensor) => {
    const scores = (await value.data()) as Float32Array;
    const before = bestScores ?? scores.map(() => Number.NEGATIVE_INFINITY);
    const better = Array.from(scores, (score, i) => score > (before[i] as number));
    bestScores = before.map((score, i) => (better[i] ? (scores[i] as number) : score));
    if (!better.some(Boolean)) return;
    const chosen = better.every(Boolean) ? tf.clone(x) : mixRows(better, x, best);
    best.dispose();
    best = chosen;
  };

  try {
    for (let step = 0; step < steps; step++) {
      signal?.throwIfAborted();
      const { value, grad } = valueAndGradient((at) => objective(at, step), x);
      try {
        const number = (await value.data())[0] as number;
        if (!score) await consider(value);
        const next = tf.tidy(() => project(stepRule.step(x, grad)));
        x.dispose();
        x = next;
        onStep?.(step + 1, number);
      } finally {
        tf.dispose([value, grad]);
      }
      const last = step === steps - 1;
      if (score ? (step + 1) % score.every === 0 || last : last) {
        const value = tf.tidy(() => (score ? score.of(x) : objective(x, steps)));
        try {
          await consider(value);
        } finally {
          value.dispose();
        }
      }
      await nextTask();
    }
    signal?.throwIfAborted();
    return { best: tf.clone(best), scores: bestScores as Float32Array };
  } finally {
    tf.dispose([x, best]);
    stepRule.dispose();
  }
}

/** Rows of `a` where `first`, else of `b`. */
function mixRows(first: readonly boolean[], a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const rows = tf.tensor(first as boolean[], [first.length, ...a.shape.slice(1).fill(1)], "bool");
    return tf.where(rows, a, b);
  });
}

/** `tf.valueAndGrad`, but what it saved for the way back is freed also when `f` throws on the way there. */
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

/** Lets messages and clicks through. Not `setTimeout`, which hidden documents slow down to one call a second. */
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
