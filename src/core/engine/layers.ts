/**
 * A frozen network as one operation that tfjs can differentiate with respect to its input. Its layers record
 * their own backward pass, which is faster than tfjs's, since the weights are constants.
 */
import * as tf from "@tensorflow/tfjs-core";
import { shareClonesOnWasm } from "./wasm-clones.ts";

/** A part of a network: [B, H, W, C] to [B, H', W', C']. */
export interface Layer {
  /**
   * Leaves no tensor behind but its result and those saved on the tape.
   * @param tape records the backward pass; without it nothing is saved
   */
  run(x: tf.Tensor4D, tape?: Tape): tf.Tensor4D;
  /** Frees the weights. */
  dispose(): void;
}

/** The record of a forward pass: tensors to keep, and the backward steps in the order of the forward pass. */
export interface Tape {
  readonly saved: tf.Tensor[];
  readonly steps: BackwardStep[];
  /** Factor of the shortcut of each residual, drawn in the order of the forward pass; 1 without it. */
  readonly shortcutScale?: (() => number) | undefined;
}

/**
 * From the gradient at a layer's output to the gradient at its input; frees the layer's own `saved` tensors.
 */
type BackwardStep = (dy: tf.Tensor4D, saved: readonly tf.Tensor[]) => tf.Tensor4D;

/** Records a backward step and saves the tensors that it needs, which are freed after it. */
export function saveForBackward<const T extends readonly tf.Tensor[]>(
  tape: Tape,
  tensors: T,
  step: (dy: tf.Tensor4D, tensors: T) => tf.Tensor4D,
): void {
  const from = tape.saved.length;
  const to = tape.saved.push(...tensors);
  tape.steps.push((dy, saved) => {
    const own = saved.slice(from, to);
    const dx = step(dy, own as readonly tf.Tensor[] as T);
    tf.dispose(own);
    return dx;
  });
}

/**
 * The layer as an operation that tfjs can differentiate, once, with respect to its input. With a
 * `shortcutScale` the network varies: wherever a gradient is taken, its shortcuts are multiplied by the
 * numbers drawn.
 */
export function differentiable(layer: Layer): (x: tf.Tensor4D, shortcutScale?: () => number) => tf.Tensor4D {
  shareClonesOnWasm();
  const recorded = (x: tf.Tensor4D, shortcutScale?: () => number) =>
    tf.customGrad<tf.Tensor4D>((...inputs) => {
      const [x, save] = inputs as [tf.Tensor4D, (tensors: tf.Tensor[]) => void];
      const tape: Tape = { saved: [], steps: [], shortcutScale };
      const value = layer.run(x, tape);
      save(tape.saved);
      return { value, gradFunc: (dy, saved) => backward(tape.steps, dy, saved) };
    })(x);
  const recording = () => tf.engine().state.gradientDepth > 0;
  return (x, shortcutScale) => (recording() ? recorded(x, shortcutScale) : layer.run(x));
}

function backward(steps: readonly BackwardStep[], dy: tf.Tensor4D, saved: readonly tf.Tensor[]): tf.Tensor4D {
  return steps.reduceRight((gradient, step) => {
    const next = tf.tidy(() => step(gradient, saved));
    if (gradient !== dy) gradient.dispose();
    return next;
  }, dy);
}

/** One layer after the other. */
export function chain(layers: readonly Layer[]): Layer {
  return {
    run: (input, tape) =>
      layers.reduce((x, layer) => {
        const y = layer.run(x, tape);
        if (x !== input) release(x, tape);
        return y;
      }, input),
    dispose() {
      for (const layer of layers) layer.dispose();
    },
  };
}

/** Frees a tensor unless the backward pass needs it. */
function release(x: tf.Tensor4D, tape: Tape | undefined): void {
  if (!tape?.saved.includes(x)) x.dispose();
}

export type Activation = "linear" | "relu6";

export interface ResidualOptions {
  /** Applied to the input before it is added; the identity without it. Owned by the layer from now on. */
  readonly shortcut?: Layer;
  /** Of the sum. */
  readonly activation?: Activation;
  /**
   * Factor of the layer's gradient; the shortcut's factor is 1. With less than 1, perturbations transfer
   * better to other networks, since more of the gradient comes from the early layers, which networks share
   * (Wu et al. 2020, "Skip Connections Matter").
   */
  readonly gradientShare?: number;
}

/** One branch of a residual: its value and its backward steps. */
interface Branch {
  readonly value: tf.Tensor4D;
  readonly steps: readonly BackwardStep[];
}

/** activation(shortcut(x) + layer(x)) */
export function residual(
  layer: Layer,
  { shortcut = chain([]), activation = "linear", gradientShare = 1 }: ResidualOptions = {},
): Layer {
  return {
    run(x, tape) {
      const branch = (layer: Layer): Branch => {
        const steps: BackwardStep[] = [];
        return { value: layer.run(x, tape && { ...tape, steps }), steps };
      };
      const scale = tape?.shortcutScale?.() ?? 1;
      const short = branch(shortcut);
      const long = branch(layer);
      const sum: tf.Tensor4D = tf.tidy(() => tf.add(scaled(short.value, scale), long.value));
      for (const { value } of [short, long]) if (value !== x) release(value, tape);
      const y = activation === "relu6" ? tf.relu6(sum) : sum;
      if (y !== sum) sum.dispose();
      tape?.steps.push((dy, saved) =>
        tf.add(
          scaled(backward(short.steps, dy, saved), scale),
          scaled(backward(long.steps, dy, saved), gradientShare),
        ),
      );
      if (tape && activation === "relu6") saveRelu6(tape, y);
      return y;
    },
    dispose() {
      shortcut.dispose();
      layer.dispose();
    },
  };
}

function scaled(x: tf.Tensor4D, by: number): tf.Tensor4D {
  return by === 1 ? x : tf.mul(x, by);
}

/**
 * The maximum of each square of `side` x `side` pixels; incomplete squares at the borders are ignored. Of
 * several equal maxima one gets the gradient: the first on the CPU, the last on WASM.
 */
export function maxPool(side: number): Layer {
  const attributes = { filterSize: side, strides: side, pad: "valid" } as unknown as tf.NamedAttrMap;
  return {
    run(x, tape) {
      const y = tf.maxPool(x, side, side, "valid");
      if (tape)
        saveForBackward(
          tape,
          [x, y],
          (dy, [input, output]) =>
            tf.engine().runKernel(tf.MaxPoolGrad, { dy, input, output }, attributes) as tf.Tensor4D,
        );
      return y;
    },
    dispose() {},
  };
}

/** Records the backward step of a relu6 with output y. */
export function saveRelu6(tape: Tape, y: tf.Tensor4D): void {
  saveForBackward(tape, [y], (dy, [y]) => relu6Gradient(dy, y));
}

/**
 * `dy` where 0 < y < 6, else 0: y(6 - y) is 0 at both bounds. Without comparisons, which are slow on WASM.
 */
function relu6Gradient(dy: tf.Tensor4D, y: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => tf.mul(dy, tf.step(tf.mul(y, tf.sub(6, y)))));
}
