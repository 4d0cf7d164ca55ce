/**
 * A frozen convolutional network as one differentiable operation, with fast gradients to its input.
 *
 * The weights are constants, so the way back through a convolution is again a forward convolution: of the output's
 * gradient with the flipped kernel. At stride 2 the four pixels of every 2x2 block of the input are four such
 * convolutions at half the size, interleaved afterwards; inserting zeros instead would cost four times as much.
 */
import * as tf from "@tensorflow/tfjs-core";
import { shareClonesOnWasm } from "./wasm-clones.ts";

/** A part of a network, from [B, H, W, C] to [B, H', W', C']. */
export interface Layer {
  /**
   * Leaves no tensor behind but its result and what is saved on the tape.
   * @param tape gets what the way back needs; without it nothing is remembered
   */
  run(x: tf.Tensor4D, tape?: Tape): tf.Tensor4D;
  /** Frees the weights. */
  dispose(): void;
}

/** What a pass through the network leaves behind: tensors to keep, and the steps back in the order of the pass. */
export interface Tape {
  readonly saved: tf.Tensor[];
  readonly steps: StepBack[];
  /** What the shortcut of each residual is multiplied by, in the order of the pass; 1 without it. */
  readonly shortcutScale?: (() => number) | undefined;
}

/** From the gradient at a layer's output to the one at its input; uses up its own of the tape's `saved` tensors. */
type StepBack = (dy: tf.Tensor4D, saved: readonly tf.Tensor[]) => tf.Tensor4D;

/** Puts a step back on the tape and saves the tensors that it needs, which are freed after it. */
export function remember<const T extends readonly tf.Tensor[]>(
  tape: Tape,
  tensors: T,
  back: (dy: tf.Tensor4D, tensors: T) => tf.Tensor4D,
): void {
  const from = tape.saved.length;
  const to = tape.saved.push(...tensors);
  tape.steps.push((dy, saved) => {
    const own = saved.slice(from, to);
    const dx = back(dy, own as readonly tf.Tensor[] as T);
    tf.dispose(own);
    return dx;
  });
}

/**
 * The layer as an operation that tfjs can differentiate, once, with respect to its input. With a `shortcutScale` it is another network
 * wherever a gradient is taken, whose shortcuts are scaled by what that draws.
 */
export function differentiable(layer: Layer): (x: tf.Tensor4D, shortcutScale?: () => number) => tf.Tensor4D {
  shareClonesOnWasm();
  const recorded = (x: tf.Tensor4D, shortcutScale?: () => number) =>
    tf.customGrad<tf.Tensor4D>((...inputs) => {
      const [x, save] = inputs as [tf.Tensor4D, (tensors: tf.Tensor[]) => void];
      const tape: Tape = { saved: [], steps: [], shortcutScale };
      const value = layer.run(x, tape);
      save(tape.saved);
      return { value, gradFunc: (dy, saved) => goBack(tape.steps, dy, saved) };
    })(x);
  const recording = () => tf.engine().state.gradientDepth > 0;
  return (x, shortcutScale) => (recording() ? recorded(x, shortcutScale) : layer.run(x));
}

function goBack(steps: readonly StepBack[], dy: tf.Tensor4D, saved: readonly tf.Tensor[]): tf.Tensor4D {
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

/** Frees a tensor that only the way back might still need. */
function release(x: tf.Tensor4D, tape: Tape | undefined): void {
  if (!tape?.saved.includes(x)) x.dispose();
}

type Activation = "linear" | "relu6";

export interface ResidualOptions {
  /** What becomes of the input before it is added; owned by the layer from now on. */
  readonly shortcut?: Layer;
  /** Of the sum. */
  readonly activation?: Activation;
  /**
   * What the layer passes on of its gradient, next to the shortcut's, which passes on all. Less than 1 makes a gradient whose
   * steps mislead other networks more: it goes by what the networks' early layers share (Wu et al. 2020, "Skip Connections Matter").
   */
  readonly gradientShare?: number;
}

/** One way through a residual, and the steps back. */
interface Branch {
  readonly value: tf.Tensor4D;
  readonly steps: readonly StepBack[];
}

/** activation(shortcut(x) + layer(x)) */
export function residual(
  layer: Layer,
  { shortcut = chain([]), activation = "linear", gradientShare = 1 }: ResidualOptions = {},
): Layer {
  return {
    run(x, tape) {
      const branch = (layer: Layer): Branch => {
        const steps: StepBack[] = [];
        return { value: layer.run(x, tape && { ...tape, steps }), steps };
      };
      const scale = tape?.shortcutScale?.() ?? 1;
      const past = branch(shortcut);
      const through = branch(layer);
      const sum: tf.Tensor4D = tf.tidy(() => tf.add(scaled(past.value, scale), through.value));
      for (const { value } of [past, through]) if (value !== x) release(value, tape);
      const y = activation === "relu6" ? tf.relu6(sum) : sum;
      if (y !== sum) sum.dispose();
      tape?.steps.push((dy, saved) =>
        tf.add(
          scaled(goBack(past.steps, dy, saved), scale),
          scaled(goBack(through.steps, dy, saved), gradientShare),
        ),
      );
      if (tape && activation === "relu6") rememberRelu6(tape, y);
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
 * The largest of each square of `side` x `side` pixels; what is left over at the borders is not looked at. Of several that are the
 * largest one gets the gradient: the first on the CPU, the last on WASM.
 */
export function maxPool(side: number): Layer {
  const attributes = { filterSize: side, strides: side, pad: "valid" } as unknown as tf.NamedAttrMap;
  return {
    run(x, tape) {
      const y = tf.maxPool(x, side, side, "valid");
      if (tape)
        remember(
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

export interface ConvolutionOptions {
  readonly stride?: 1 | 2;
  readonly activation?: Activation;
}

/**
 * Convolution with SAME padding as in TensorFlow, bias and activation.
 * @param kernel [h, w, C, C'], h and w at least the stride; owned by the layer from now on
 * @param bias [C'], owned by the layer from now on
 */
export function conv2d(kernel: tf.Tensor4D, bias: tf.Tensor1D, options?: ConvolutionOptions): Layer {
  return convolution(kernel, bias, options, {
    name: tf.FusedConv2D,
    square: false,
    prepare: (phases) => [tf.transpose(tf.concat(phases, 2), [0, 1, 3, 2])],
    back: (dy, [kernel], pad) => tf.conv2d(dy, kernel as tf.Tensor4D, 1, pad),
  });
}

/**
 * Depthwise convolution with SAME padding as in TensorFlow, bias and activation.
 * @param kernel [h, w, C, 1], h and w at least the stride; owned by the layer from now on
 * @param bias [C], owned by the layer from now on
 */
export function depthwiseConv2d(kernel: tf.Tensor4D, bias: tf.Tensor1D, options?: ConvolutionOptions): Layer {
  if (kernel.shape[3] !== 1) throw new Error(`expected one kernel a channel, got ${kernel.shape[3]}`);
  return convolution(kernel, bias, options, {
    name: tf.FusedDepthwiseConv2D,
    square: true,
    prepare: (phases) => phases,
    back: (dy, kernels, pad) => {
      const phases = kernels.map((kernel) => tf.depthwiseConv2d(dy, kernel, 1, pad));
      return phases.length === 1 ? (phases[0] as tf.Tensor4D) : tf.concat(phases, 3);
    },
  });
}

/** How a kind of convolution goes. */
interface Kind {
  /** The tfjs kernel that convolves, adds the bias and applies the activation. */
  readonly name: string;
  /** Whether small kernels should rather be square, with zeros, than have as few taps as possible. */
  readonly square: boolean;
  /** From the flipped kernels [t, t', C, C'] of a row of phases to those that `back` wants; done once. */
  prepare(phases: tf.Tensor4D[]): tf.Tensor4D[];
  /** The gradient at a row of phases side by side, [B, H', W', stride * C], from the one at the output. */
  back(dy: tf.Tensor4D, kernels: tf.Tensor4D[], pad: ExplicitPadding): tf.Tensor4D;
}

type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

function convolution(
  kernel: tf.Tensor4D,
  bias: tf.Tensor1D,
  { stride = 1, activation = "linear" }: ConvolutionOptions = {},
  kind: Kind,
): Layer {
  const [kernelHeight, kernelWidth] = kernel.shape;
  if (Math.min(kernelHeight, kernelWidth) < stride)
    throw new Error(`expected a kernel of at least ${stride}x${stride}, got ${kernelHeight}x${kernelWidth}`);
  const attributes = {
    strides: [stride, stride],
    pad: "same",
    dataFormat: "NHWC",
    dilations: [1, 1],
    activation,
  } as unknown as tf.NamedAttrMap;

  const cache = new Map<string, PhaseRow[]>();
  function phaseRowsFor(height: number, width: number): PhaseRow[] {
    // Where the padding starts depends on the input's size, and with it which tap belongs to which phase.
    const top = paddingBefore(kernelHeight, stride, height);
    const left = paddingBefore(kernelWidth, stride, width);
    const key = `${top},${left}`;
    const rows = cache.get(key) ?? phaseRows(kernel, stride, top, left, kind);
    cache.set(key, rows);
    return rows;
  }

  function gradient(dy: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
    const rows = phaseRowsFor(height, width).map(({ kernels, pad }) => kind.back(dy, kernels, pad));
    return interleave(rows, height, width);
  }

  return {
    run(x, tape) {
      const [, height, width] = x.shape;
      // Not tf.fused.*: it falls apart into single operations whenever a gradient is being recorded.
      const y = tf.engine().runKernel(kind.name, { x, filter: kernel, bias }, attributes) as tf.Tensor4D;
      tape?.steps.push((dy) => gradient(dy, height, width));
      if (tape && activation === "relu6") rememberRelu6(tape, y);
      return y;
    },
    dispose() {
      tf.dispose([kernel, bias, ...[...cache.values()].flat().flatMap(({ kernels }) => kernels)]);
      cache.clear();
    },
  };
}

function rememberRelu6(tape: Tape, y: tf.Tensor4D): void {
  remember(tape, [y], (dy, [y]) => relu6Gradient(dy, y));
}

/** `dy` where relu6 let the signal through; y(6 - y) is 0 exactly where it did not. Comparisons are slow on WASM. */
function relu6Gradient(dy: tf.Tensor4D, y: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => tf.mul(dy, tf.step(tf.mul(y, tf.sub(6, y)))));
}

/** The phases of one row of every stride x stride block of the input. */
type PhaseRow = {
  readonly kernels: tf.Tensor4D[];
  readonly pad: ExplicitPadding;
};

/** @returns a row for each of 0..stride-1, with kernels that outlive any `tf.tidy` */
function phaseRows(kernel: tf.Tensor4D, stride: number, top: number, left: number, kind: Kind): PhaseRow[] {
  return tf.tidy(() => {
    const flipped = tf.reverse(kernel, [0, 1]);
    const phases = Array.from({ length: stride }, (_, s) => s);
    const columns = tapsOf(kernel.shape[1], stride, left, 0, stride - 1);
    return phases.map((s): PhaseRow => {
      const [from, to] = kind.square ? [0, stride - 1] : [s, s];
      const rows = tapsOf(kernel.shape[0], stride, top, from, to);
      const kernels = phases.map((r) => pick(flipped, stride, rows, s, columns, r));
      return {
        kernels: kind.prepare(kernels).map((k) => tf.keep(k)),
        pad: [[0, 0], rows.pad, columns.pad, [0, 0]],
      };
    });
  });
}

/** Which taps of one dimension of a kernel make up a phase. */
interface Taps {
  readonly count: number;
  /** Where phase s starts in the flipped kernel; below 0 or beyond the end there are zeros. */
  start(s: number): number;
  /** Padding of the output's gradient. */
  readonly pad: [before: number, after: number];
}

/**
 * Input pixel i = stride q + s collects dy[q - t] kernel[s + padding + stride t] over all t that hit the kernel.
 * @param from
 * @param to phases that shall have the same range of t
 */
function tapsOf(kernelSize: number, stride: number, padding: number, from: number, to: number): Taps {
  const last = Math.floor((kernelSize - 1 - padding - from) / stride);
  const first = -Math.floor((padding + to) / stride);
  return {
    count: last - first + 1,
    start: (s) => kernelSize - 1 - (s + padding + stride * last),
    pad: [last, -first],
  };
}

/** How much SAME padding comes before the input. */
function paddingBefore(kernelSize: number, stride: number, inputSize: number): number {
  const outputSize = Math.ceil(inputSize / stride);
  return Math.floor(Math.max((outputSize - 1) * stride + kernelSize - inputSize, 0) / 2);
}

/** The taps of phase (s, r) of a flipped kernel, [t, t', C, C']. */
function pick(
  flipped: tf.Tensor4D,
  stride: number,
  rows: Taps,
  s: number,
  columns: Taps,
  r: number,
): tf.Tensor4D {
  const margin: [number, number] = [stride, stride];
  const padded = tf.pad(flipped, [margin, margin, [0, 0], [0, 0]]);
  const top = rows.start(s) + stride;
  const left = columns.start(r) + stride;
  const end = [top + stride * rows.count, left + stride * columns.count, flipped.shape[2], flipped.shape[3]];
  return tf.stridedSlice(padded, [top, left, 0, 0], end, [stride, stride, 1, 1]) as tf.Tensor4D;
}

/** From the rows of phases, [B, H', W', stride * C] each, to [B, height, width, C]. */
function interleave(phases: tf.Tensor4D[], height: number, width: number): tf.Tensor4D {
  const stride = phases.length;
  const [first] = phases as [tf.Tensor4D];
  if (stride === 1) return first;
  const [batch, rows, columns, depth] = first.shape;
  const lines = phases.map((phase) => tf.reshape(phase, [batch * rows, 1, columns * depth]));
  const shape = [batch, rows * stride, columns * stride, depth / stride] as const;
  const whole: tf.Tensor4D = tf.reshape(tf.concat(lines, 1), [...shape]);
  if (shape[1] === height && shape[2] === width) return whole;
  return tf.slice(whole, [0, 0, 0, 0], [batch, height, width, shape[3]]);
}
