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
  /** @param tape gets what the way back needs; without it nothing is remembered */
  run(x: tf.Tensor4D, tape?: Tape): tf.Tensor4D;
  /** Frees the weights. */
  dispose(): void;
}

/** What a pass through the network leaves behind: tensors to keep, and the steps back in the order of the pass. */
export interface Tape {
  readonly saved: tf.Tensor4D[];
  readonly steps: StepBack[];
}

/** From the gradient at a layer's output to the one at its input; `saved` are the tape's tensors. */
type StepBack = (dy: tf.Tensor4D, saved: readonly tf.Tensor4D[]) => tf.Tensor4D;

/** The layer as an operation that tfjs can differentiate with respect to its input. */
export function differentiable(layer: Layer): (x: tf.Tensor4D) => tf.Tensor4D {
  shareClonesOnWasm();
  const recorded = tf.customGrad<tf.Tensor4D>((...inputs) => {
    const [x, save] = inputs as [tf.Tensor4D, (tensors: tf.Tensor[]) => void];
    const tape: Tape = { saved: [], steps: [] };
    const value = layer.run(x, tape);
    save(tape.saved);
    return { value, gradFunc: (dy, saved) => goBack(tape.steps, dy, saved as tf.Tensor4D[]) };
  });
  const recording = () => tf.engine().state.gradientDepth > 0;
  return (x) => (recording() ? recorded(x) : tf.tidy(() => layer.run(x)));
}

function goBack(steps: readonly StepBack[], dy: tf.Tensor4D, saved: readonly tf.Tensor4D[]): tf.Tensor4D {
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
        if (tape) return layer.run(x, tape);
        const y: tf.Tensor4D = tf.tidy(() => layer.run(x));
        if (x !== input) x.dispose();
        return y;
      }, input),
    dispose() {
      for (const layer of layers) layer.dispose();
    },
  };
}

/** x + layer(x) */
export function residual(layer: Layer): Layer {
  return {
    run(x, tape) {
      const inner = tape && { saved: tape.saved, steps: [] };
      const y: tf.Tensor4D = tf.add(x, layer.run(x, inner));
      if (inner) tape?.steps.push((dy, saved) => tf.add(dy, goBack(inner.steps, dy, saved)));
      return y;
    },
    dispose: layer.dispose,
  };
}

export interface ConvolutionOptions {
  readonly stride?: 1 | 2;
  readonly activation?: "linear" | "relu6";
}

/**
 * Convolution with SAME padding as in TensorFlow, bias and activation.
 * @param kernel [h, w, C, C'], h and w at least the stride; owned by the layer from now on
 * @param bias [C'], owned by the layer from now on
 */
export function conv2d(kernel: tf.Tensor4D, bias: tf.Tensor1D, options?: ConvolutionOptions): Layer {
  return convolution(kernel, bias, options, {
    name: tf.FusedConv2D,
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

  // Where SAME padding starts depends on the input's size, and with it which tap belongs to which phase.
  const cache = new Map<string, tf.Tensor4D[][]>();
  function kernelsFor(rows: Taps, columns: Taps): tf.Tensor4D[][] {
    const key = `${rows.offset},${columns.offset}`;
    const kernels =
      cache.get(key) ??
      tf.tidy(() =>
        phaseKernels(kernel, stride, rows, columns).map((row) => kind.prepare(row).map((k) => tf.keep(k))),
      );
    cache.set(key, kernels);
    return kernels;
  }

  function gradient(dy: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
    const rows = tapsOf(kernelHeight, stride, height);
    const columns = tapsOf(kernelWidth, stride, width);
    const phases = kernelsFor(rows, columns).map((kernels) =>
      kind.back(dy, kernels, [[0, 0], rows.pad, columns.pad, [0, 0]]),
    );
    return interleave(phases, height, width);
  }

  return {
    run(x, tape) {
      const [, height, width] = x.shape;
      // Not tf.fused.*: it falls apart into single operations whenever a gradient is being recorded.
      const y = tf.engine().runKernel(kind.name, { x, filter: kernel, bias }, attributes) as tf.Tensor4D;
      if (tape && activation === "relu6") {
        const slot = tape.saved.push(y) - 1;
        tape.steps.push((dy, saved) =>
          gradient(relu6Gradient(dy, saved[slot] as tf.Tensor4D), height, width),
        );
      } else {
        tape?.steps.push((dy) => gradient(dy, height, width));
      }
      return y;
    },
    dispose() {
      tf.dispose([kernel, bias, ...[...cache.values()].flat(2)]);
      cache.clear();
    },
  };
}

/** `dy` where relu6 let the signal through; y(6 - y) is 0 exactly where it did not. Comparisons are slow on WASM. */
function relu6Gradient(dy: tf.Tensor4D, y: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => tf.mul(dy, tf.step(tf.mul(y, tf.sub(6, y)))));
}

/** How one dimension of a kernel falls into phases. */
interface Taps {
  /** Taps of each phase. */
  readonly count: number;
  /** Zeros before the flipped kernel, so that its every stride-th tap from `stride - 1 - s` on belongs to phase s. */
  readonly offset: number;
  /** Padding of the output's gradient, before and after. */
  readonly pad: [number, number];
}

/**
 * Input pixel i = stride q + s collects dy[q - t] kernel[s + padBefore + stride t] over all t that hit the kernel;
 * all phases s get the same range of t, with zeros where only some of them have a tap (the fast kernels are square).
 */
function tapsOf(kernelSize: number, stride: number, inputSize: number): Taps {
  const outputSize = Math.ceil(inputSize / stride);
  const padBefore = Math.floor(Math.max((outputSize - 1) * stride + kernelSize - inputSize, 0) / 2);
  const last = Math.floor((kernelSize - 1 - padBefore) / stride);
  const first = -Math.floor((stride - 1 + padBefore) / stride);
  return {
    count: last - first + 1,
    offset: stride * (last + 1) + padBefore - kernelSize,
    pad: [last, -first],
  };
}

/** The flipped kernels of all phases, row by row: [t, t', C, C'] each. */
function phaseKernels(kernel: tf.Tensor4D, stride: number, rows: Taps, columns: Taps): tf.Tensor4D[][] {
  const [kernelHeight, kernelWidth, channels, filters] = kernel.shape;
  const height = stride * rows.count;
  const width = stride * columns.count;
  const padded = tf.pad(tf.reverse(kernel, [0, 1]), [
    [rows.offset, height - rows.offset - kernelHeight],
    [columns.offset, width - columns.offset - kernelWidth],
    [0, 0],
    [0, 0],
  ]);
  const starts = Array.from({ length: stride }, (_, s) => stride - 1 - s);
  return starts.map((top) =>
    starts.map((left) =>
      tf.stridedSlice(padded, [top, left, 0, 0], [height, width, channels, filters], [stride, stride, 1, 1]),
    ),
  ) as tf.Tensor4D[][];
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
