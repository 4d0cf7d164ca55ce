/**
 * A batch of pictures whose perturbations are optimised in one run: each is a row of numbers, so that
 * pictures of any sizes fit, and share the part of an operation's cost that does not depend on its size.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Bounds } from "./budget.ts";
import type { Mask } from "./mask.ts";
import type { Random } from "./random.ts";
import { composed, enlargeThenShrink, resampled } from "./resample.ts";
import { downscaleFactor, type Scale, type ScaledPicture, type Size } from "./scaled-picture.ts";
import { applySeparable, operatorOf, type View, viewResampling } from "./transforms.ts";

export interface BatchPicture {
  readonly scaled: ScaledPicture;
  /**
   * Of the picture that the perturbation will be enlarged to. Enlarging blurs, and the views of a batch
   * include this blur.
   */
  readonly fullSize: Size;
  /**
   * Changes all three channels alike, which keeps a grey picture grey: the perturbation is
   * [height, width, 1].
   */
  readonly luminanceOnly: boolean;
}

/** m pictures. The rows of all its tensors are padded with zeros to the longest perturbation, L. */
export interface Batch extends Bounds {
  /** Perturbations, each [height, width, 3 or 1], as one tensor, [m, L]. */
  pack(deltas: readonly Float32Array[]): tf.Tensor2D;
  /** The inverse of `pack`, of the tensor's values. */
  unpack(x: Float32Array): Float32Array[];
  /**
   * One view of each picture with its perturbation, which is enlarged to full size and shrunk again;
   * [m, S, S, 3], differentiable.
   * @param x perturbations, [m, L]
   * @param viewOf gives the view of picture i
   */
  render(x: tf.Tensor2D, viewOf: (size: Size, i: number) => View): tf.Tensor4D;
  dispose(): void;
}

/**
 * @param surrogate whose views are rendered
 * @param side of the views, in pixels
 */
export function createBatch(
  pictures: readonly BatchPicture[],
  surrogate: Scale,
  mask: Mask,
  side = surrogate.inputSize,
): Batch {
  const lengths = pictures.map(perturbationLength);
  const longest = Math.max(...lengths);
  const pack = (rows: readonly Float32Array[]) => {
    const all = new Float32Array(rows.length * longest);
    for (const [i, row] of rows.entries()) all.set(row, i * longest);
    return tf.tensor2d(all, [rows.length, longest]);
  };
  const pixels = pack(
    pictures.map(({ scaled, luminanceOnly }) => (luminanceOnly ? meanOfChannels(scaled.data) : scaled.data)),
  );
  const shares = pack(
    pictures.map(({ scaled, fullSize, luminanceOnly }) => {
      const share = mask(scaled, downscaleFactor(fullSize, surrogate));
      return luminanceOnly ? share : inThreeChannels(share);
    }),
  );
  const renderers = pictures.map((picture) => createViewRenderer(picture, side));
  return {
    lengths,
    pixels,
    mask: shares,
    pack,
    unpack: (x) => lengths.map((length, i) => x.slice(i * longest, i * longest + length)),
    render(x, viewOf) {
      const views = pictures.map(({ scaled }, i) => {
        const delta = tf.slice(x, [i, 0], [1, lengths[i] as number]);
        return (renderers[i] as ViewRenderer).render(delta, viewOf(scaled, i));
      });
      return tf.clipByValue(tf.stack(views), 0, 1) as tf.Tensor4D;
    },
    dispose: () => tf.dispose([pixels, shares]),
  };
}

/** Renders views of one picture of a batch. */
interface ViewRenderer {
  /**
   * @param delta a perturbation, height * width * channels numbers
   * @returns [S, S, 3], not yet clipped to 0..1
   */
  render(delta: tf.Tensor, view: View): tf.Tensor3D;
}

function createViewRenderer({ scaled, fullSize, luminanceOnly }: BatchPicture, side: number): ViewRenderer {
  const { width, height, data } = scaled;
  const blur = {
    down: enlargeThenShrink(height, fullSize.height),
    across: enlargeThenShrink(width, fullSize.width),
  };
  return {
    render(delta, view) {
      const change: tf.Tensor3D = tf.reshape(delta, [height, width, luminanceOnly ? 1 : 3]);
      const seen = viewResampling(view, width, height, side);
      const blurred = {
        down: composed(seen.down, blur.down),
        across: composed(seen.across, blur.across),
      };
      // The picture needs no gradient.
      const picture = tf.tensor3d(resampled({ data, width, numbers: 3, white: 1 }, seen.down, seen.across), [
        side,
        side,
        3,
      ]);
      return tf.add(picture, applySeparable(change, operatorOf(blurred)));
    },
  };
}

function perturbationLength({ scaled: { width, height }, luminanceOnly }: BatchPicture): number {
  return width * height * (luminanceOnly ? 1 : 3);
}

/** Uniform noise of a quarter of the budget: enough to leave a point without gradient, too little to see. */
export function randomStart(picture: BatchPicture, epsilon: number, random: Random): Float32Array {
  return Float32Array.from({ length: perturbationLength(picture) }, () =>
    random.between(-epsilon / 4, epsilon / 4),
  );
}

/** One channel, [h, w, 1], repeated, [h, w, 3]. */
function inThreeChannels(one: Float32Array): Float32Array {
  return Float32Array.from({ length: 3 * one.length }, (_, i) => one[Math.floor(i / 3)] as number);
}

/** [h, w, 3] to [h, w, 1]. */
function meanOfChannels(three: Float32Array): Float32Array {
  return Float32Array.from({ length: three.length / 3 }, (_, i) => {
    const [r, g, b] = three.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    return (r + g + b) / 3;
  });
}
