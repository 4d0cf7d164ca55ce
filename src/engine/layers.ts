/**
 * The layers of a frozen convolutional network, with fast gradients to their input.
 *
 * The weights are constants, so each layer is one operation whose backward pass is again a forward convolution: of the
 * output's gradient with the flipped kernel. At stride 2 the four pixels of every 2x2 block of the input are four such
 * convolutions at half the size, interleaved afterwards; inserting zeros instead would cost four times as much.
 */
import * as tf from "@tensorflow/tfjs-core";

export type Activation = "linear" | "relu6";

export interface LayerOptions {
  readonly stride?: 1 | 2;
  readonly activation?: Activation;
}

/** Maps [B, H, W, C] to [B, ceil(H / stride), ceil(W / stride), C'], differentiable to its input, any H and W. */
export interface Layer {
  apply(x: tf.Tensor4D): tf.Tensor4D;
  /** Frees the kernel and the bias as well. */
  dispose(): void;
}

/**
 * Convolution with SAME padding as in TensorFlow, bias and activation.
 * @param kernel [h, w, C, C'], h and w at least the stride; owned by the layer from now on
 * @param bias [C'], owned by the layer from now on
 */
export function conv2d(kernel: tf.Tensor4D, bias: tf.Tensor1D, options: LayerOptions = {}): Layer {
  return convolution(
    tf.FusedConv2D,
    kernel,
    bias,
    options,
    (phases) => [tf.concat(phases, 2).transpose<tf.Tensor4D>([0, 1, 3, 2])],
    (dy, [phases], pad) => tf.conv2d(dy, phases as tf.Tensor4D, 1, pad),
  );
}

/**
 * Depthwise convolution with SAME padding as in TensorFlow, bias and activation.
 * @param kernel [h, w, C, 1], h and w at least the stride; owned by the layer from now on
 * @param bias [C], owned by the layer from now on
 */
export function depthwiseConv2d(kernel: tf.Tensor4D, bias: tf.Tensor1D, options: LayerOptions = {}): Layer {
  if (kernel.shape[3] !== 1) throw new Error(`expected one kernel a channel, got ${kernel.shape[3]}`);
  return convolution(
    tf.FusedDepthwiseConv2D,
    kernel,
    bias,
    options,
    (phases) => phases,
    (dy, phases, pad) =>
      tf.concat(
        phases.map((phase) => tf.depthwiseConv2d(dy, phase, 1, pad)),
        3,
      ),
  );
}

/**
 * @param prepare turns the kernels of the phases, [t, t', C, C'] each, into what `backward` wants, once
 * @param backward all phases of the gradient at the output's size, [B, H', W', phases * C]
 */
function convolution(
  forward: typeof tf.FusedConv2D | typeof tf.FusedDepthwiseConv2D,
  kernel: tf.Tensor4D,
  bias: tf.Tensor1D,
  { stride = 1, activation = "linear" }: LayerOptions,
  prepare: (phases: tf.Tensor4D[]) => tf.Tensor4D[],
  backward: (dy: tf.Tensor4D, kernels: tf.Tensor4D[], pad: ExplicitPadding) => tf.Tensor4D,
): Layer {
  const [kernelHeight, kernelWidth] = kernel.shape;
  if (Math.min(kernelHeight, kernelWidth) < stride)
    throw new Error(`expected a kernel of at least ${stride}x${stride}, got ${kernelHeight}x${kernelWidth}`);
  const attributes = {
    strides: [stride, stride],
    pad: "same",
    dataFormat: "NHWC",
    dilations: [1, 1],
    dimRoundingMode: undefined,
    activation,
    leakyreluAlpha: undefined,
  } as unknown as tf.NamedAttrMap;

  // Where SAME padding starts depends on the input's size, and with it which tap belongs to which phase.
  const cache = new Map<string, tf.Tensor4D[]>();
  function kernelsFor(rows: Taps, columns: Taps): tf.Tensor4D[] {
    const key = `${rows.offset},${columns.offset}`;
    let kernels = cache.get(key);
    if (!kernels) {
      kernels = tf.tidy(() => prepare(phaseKernels(kernel, stride, rows, columns)).map((k) => tf.keep(k)));
      cache.set(key, kernels);
    }
    return kernels;
  }

  function gradient(dy: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
    const rows = tapsOf(kernelHeight, stride, height);
    const columns = tapsOf(kernelWidth, stride, width);
    const phases = backward(dy, kernelsFor(rows, columns), [[0, 0], rows.pad, columns.pad, [0, 0]]);
    return interleave(phases, stride, height, width);
  }

  return {
    apply: tf.customGrad<tf.Tensor4D>((...inputs) => {
      const [x, save] = inputs as [tf.Tensor4D, (tensors: tf.Tensor[]) => void];
      const [, height, width] = x.shape;
      // Not tf.fused.*: it falls apart into single operations whenever a gradient is being recorded.
      const y = tf.engine().runKernel(forward, { x, filter: kernel, bias }, attributes) as tf.Tensor4D;
      if (activation === "relu6") save([y]);
      return {
        value: y,
        gradFunc: (dy, [saved]) =>
          gradient(saved ? relu6Gradient(dy, saved as tf.Tensor4D) : dy, height, width),
      };
    }),
    dispose() {
      tf.dispose([kernel, bias, ...cache.values()]);
      cache.clear();
    },
  };
}

/** `dy` where relu6 let the signal through; y(6 - y) is 0 exactly where it did not. Comparisons are slow on WASM. */
function relu6Gradient(dy: tf.Tensor4D, y: tf.Tensor4D): tf.Tensor4D {
  return tf.mul(dy, tf.step(tf.mul(y, tf.sub(6, y))));
}

type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

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

/** The kernels of phases (0, 0), (0, 1), ..., row by row: [t, t', C, C'] each. */
function phaseKernels(kernel: tf.Tensor4D, stride: number, rows: Taps, columns: Taps): tf.Tensor4D[] {
  const [kernelHeight, kernelWidth, channels, filters] = kernel.shape;
  const height = stride * rows.count;
  const width = stride * columns.count;
  const padded = tf.pad(tf.reverse(kernel, [0, 1]), [
    [rows.offset, height - rows.offset - kernelHeight],
    [columns.offset, width - columns.offset - kernelWidth],
    [0, 0],
    [0, 0],
  ]);
  const phases: tf.Tensor[] = [];
  for (let s = stride - 1; s >= 0; s--)
    for (let r = stride - 1; r >= 0; r--)
      phases.push(
        padded.stridedSlice([s, r, 0, 0], [height, width, channels, filters], [stride, stride, 1, 1]),
      );
  return phases as tf.Tensor4D[];
}

/** Puts phases [B, H', W', stride * stride * C] side by side: [B, height, width, C]. */
function interleave(phases: tf.Tensor4D, stride: number, height: number, width: number): tf.Tensor4D {
  if (stride === 1) return phases;
  const [batch, rows, columns, depth] = phases.shape;
  const channels = depth / (stride * stride);
  const whole = phases
    .reshape([batch * rows, columns, stride, stride * channels])
    .transpose([0, 2, 1, 3])
    .reshape<tf.Tensor4D>([batch, rows * stride, columns * stride, channels]);
  if (rows * stride === height && columns * stride === width) return whole;
  return tf.slice(whole, [0, 0, 0, 0], [batch, height, width, channels]);
}
