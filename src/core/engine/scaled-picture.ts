/** Pictures at the scale at which a surrogate sees them: gradients are taken at this scale only. */
import * as tf from "@tensorflow/tfjs-core";
import type { Pixels } from "../contract/pixels.ts";
import { resampled, resampleToFloats } from "./resample.ts";
import type { Surrogate } from "./surrogate.ts";
import { viewResampling } from "./transforms.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A picture at a surrogate's scale. */
export interface ScaledPicture extends Size {
  /** RGB, [height, width, 3], 0..1 */
  readonly data: Float32Array;
}

/** What decides a surrogate's scale. */
export type Scale = Pick<Surrogate, "inputSize" | "views">;

/** Length of the shorter side at a surrogate's scale, in pixels. */
function shorterSide({ inputSize, views }: Scale): number {
  return Math.round(inputSize * views.sidePerInput);
}

/**
 * Pixels of a full-size picture, along a side, for one pixel at the surrogate's scale. Below 1 for pictures
 * smaller than the scale, which are never enlarged to it.
 */
export function downscaleFactor({ width, height }: Size, surrogate: Scale): number {
  return Math.min(width, height) / shorterSide(surrogate);
}

/** Shrinks a picture to a surrogate's scale; smaller pictures keep their size. */
export function toScale(pixels: Pixels, surrogate: Scale): ScaledPicture {
  const scale = Math.min(1, shorterSide(surrogate) / Math.min(pixels.width, pixels.height));
  const width = Math.max(1, Math.round(pixels.width * scale));
  const height = Math.max(1, Math.round(pixels.height * scale));
  return { width, height, data: resampleToFloats(pixels, width, height) };
}

/** The centre crops of m pictures, [m, S, S, 3]. */
export function centreCrops(pictures: readonly ScaledPicture[], { views, inputSize }: Scale): tf.Tensor4D {
  return tf.tidy(() => {
    const crops = pictures.map(({ width, height, data }) => {
      const { down, across } = viewResampling(views.centre(width, height), width, height, inputSize);
      return tf.tensor3d(resampled({ data, width, numbers: 3, white: 1 }, down, across), [
        inputSize,
        inputSize,
        3,
      ]);
    });
    return tf.stack(crops) as tf.Tensor4D;
  });
}
