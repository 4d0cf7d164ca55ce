/**
 * Convolutions with constant weights and a fast gradient to their input: the backward pass is again a forward
 * convolution, of the output's gradient with the flipped kernel. At stride 2 the four pixels of each 2x2
 * block of the input (phases) are four such convolutions at half the size, interleaved afterwards; inserting
 * zeros instead would cost four times as much.
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Activation, type Layer, saveRelu6 } from "./layers.ts";

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
    backward: (dy, [kernel], pad) => tf.conv2d(dy, kernel as tf.Tensor4D, 1, pad),
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
    backward: (dy, kernels, pad) => {
      const phases = kernels.map((kernel) => tf.depthwiseConv2d(dy, kernel, 1, pad));
      return phases.length === 1 ? (phases[0] as tf.Tensor4D) : tf.concat(phases, 3);
    },
  });
}

/** What differs between dense and depthwise convolutions. */
interface Kind {
  /** The tfjs kernel that convolves, adds the bias and applies the activation. */
  readonly name: string;
  /**
   * Whether the kernels of phases are square, padded with zeros, rather than having as few taps as possible.
   */
  readonly square: boolean;
  /**
   * Turns the flipped kernels [t, t', C, C'] of a row of phases into those that `backward` takes; done once.
   */
  prepare(phases: tf.Tensor4D[]): tf.Tensor4D[];
  /**
   * The gradient at a row of phases side by side, [B, H', W', stride * C], from the gradient at the output.
   */
  backward(dy: tf.Tensor4D, kernels: tf.Tensor4D[], pad: ExplicitPadding): tf.Tensor4D;
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
    // SAME padding depends on the input's size, and decides which tap belongs to which phase.
    const top = paddingBefore(kernelHeight, stride, height);
    const left = paddingBefore(kernelWidth, stride, width);
    const key = `${top},${left}`;
    const rows = cache.get(key) ?? phaseRows(kernel, { stride, top, left }, kind);
    cache.set(key, rows);
    return rows;
  }

  function gradient(dy: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
    const rows = phaseRowsFor(height, width).map(({ kernels, pad }) => kind.backward(dy, kernels, pad));
    return interleave(rows, height, width);
  }

  return {
    run(x, tape) {
      const [, height, width] = x.shape;
      // Not tf.fused.*, which splits into single operations while a gradient is recorded.
      const y = tf.engine().runKernel(kind.name, { x, filter: kernel, bias }, attributes) as tf.Tensor4D;
      tape?.steps.push((dy) => gradient(dy, height, width));
      if (tape && activation === "relu6") saveRelu6(tape, y);
      return y;
    },
    dispose() {
      tf.dispose([kernel, bias, ...[...cache.values()].flat().flatMap(({ kernels }) => kernels)]);
      cache.clear();
    },
  };
}

/** How a kernel moves over the input. */
interface Placement {
  readonly stride: number;
  /** Padding before the input. */
  readonly top: number;
  readonly left: number;
}

/** The phases of one row of each stride x stride block of the input. */
type PhaseRow = {
  readonly kernels: tf.Tensor4D[];
  readonly pad: ExplicitPadding;
};

/** @returns a row for each of 0..stride-1, with kernels that outlive any `tf.tidy` */
function phaseRows(kernel: tf.Tensor4D, { stride, top, left }: Placement, kind: Kind): PhaseRow[] {
  return tf.tidy(() => {
    const flipped = tf.reverse(kernel, [0, 1]);
    const phases = Array.from({ length: stride }, (_, s) => s);
    const [height, width] = kernel.shape;
    const columns = kernelTaps({ kernelSize: width, stride, padding: left }, 0, stride - 1);
    return phases.map((s): PhaseRow => {
      const [from, to] = kind.square ? [0, stride - 1] : [s, s];
      const rows = kernelTaps({ kernelSize: height, stride, padding: top }, from, to);
      const kernels = phases.map((r) =>
        tapsOfPhase(flipped, stride, [rows.start(s), rows.count], [columns.start(r), columns.count]),
      );
      return {
        kernels: kind.prepare(kernels).map((k) => tf.keep(k)),
        pad: [[0, 0], rows.pad, columns.pad, [0, 0]],
      };
    });
  });
}

/** The kernel taps that make up the phases of one axis. */
interface KernelTaps {
  readonly count: number;
  /** Where phase s starts in the flipped kernel; below 0 or beyond its end the taps are zeros. */
  start(s: number): number;
  /** Padding of the output's gradient. */
  readonly pad: [before: number, after: number];
}

/**
 * Input pixel i = stride q + s gets dy[q - t] kernel[s + padding + stride t] summed over all t inside the
 * kernel.
 * @param from first and `to` last of the phases that share one range of t
 */
function kernelTaps(
  { kernelSize, stride, padding }: { kernelSize: number; stride: number; padding: number },
  from: number,
  to: number,
): KernelTaps {
  const last = Math.floor((kernelSize - 1 - padding - from) / stride);
  const first = -Math.floor((padding + to) / stride);
  return {
    count: last - first + 1,
    start: (s) => kernelSize - 1 - (s + padding + stride * last),
    pad: [last, -first],
  };
}

/** SAME padding before the input, as in TensorFlow. */
function paddingBefore(kernelSize: number, stride: number, inputSize: number): number {
  const outputSize = Math.ceil(inputSize / stride);
  return Math.floor(Math.max((outputSize - 1) * stride + kernelSize - inputSize, 0) / 2);
}

/** Every stride-th tap of a flipped kernel, from a start on, down and across: [t, t', C, C']. */
function tapsOfPhase(
  flipped: tf.Tensor4D,
  stride: number,
  [firstRow, rowCount]: readonly [number, number],
  [firstColumn, columnCount]: readonly [number, number],
): tf.Tensor4D {
  const margin: [number, number] = [stride, stride];
  const padded = tf.pad(flipped, [margin, margin, [0, 0], [0, 0]]);
  const top = firstRow + stride;
  const left = firstColumn + stride;
  const end = [top + stride * rowCount, left + stride * columnCount, flipped.shape[2], flipped.shape[3]];
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
