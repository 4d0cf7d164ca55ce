/** Gradient steps that maximise. */
import * as tf from "@tensorflow/tfjs-core";

/** Holds its own state, so each run needs a new one. */
export interface Optimiser {
  /** The next point, before projection. */
  step(x: tf.Tensor, gradient: tf.Tensor): tf.Tensor;
  dispose(): void;
}

/** x + size * sign(gradient), the step of PGD (Madry et al. 2018). */
export function signGradient(stepSize: number): Optimiser {
  return { step: (x, gradient) => tf.add(x, tf.mul(tf.sign(gradient), stepSize)), dispose() {} };
}

export interface AdamOptions {
  readonly stepSize: number;
  readonly beta1?: number;
  readonly beta2?: number;
  /** Added to the root of the second moment, Adam's "epsilon". */
  readonly stabiliser?: number;
  /** Decoupled weight decay (AdamW): each step multiplies x by 1 - stepSize * weightDecay. */
  readonly weightDecay?: number;
}

/**
 * Adam (Kingma and Ba 2015), or AdamW where there is a weight decay (Loshchilov and Hutter 2019); maximises.
 */
export function adam({
  stepSize,
  beta1 = 0.9,
  beta2 = 0.999,
  stabiliser = 1e-8,
  weightDecay = 0,
}: AdamOptions): Optimiser {
  let moments: { first: tf.Tensor; second: tf.Tensor } | undefined;
  let count = 0;
  return {
    step(x, gradient) {
      count++;
      const [next, first, second] = tf.tidy(() => {
        const m = movingAverage(moments?.first, gradient, beta1);
        const v = movingAverage(moments?.second, tf.square(gradient), beta2);
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

/** Exponential moving average, which starts at zero. */
function movingAverage(before: tf.Tensor | undefined, now: tf.Tensor, decay: number): tf.Tensor {
  const share = tf.mul(now, 1 - decay);
  return before ? tf.add(tf.mul(before, decay), share) : share;
}
