/** Pictures at the scale at which a surrogate looks at them. */
import * as tf from "@tensorflow/tfjs-core";
import type { Pixels } from "../contract/pixels.ts";
import { resizePixels } from "./resample.ts";
import type { Surrogate } from "./surrogate.ts";
import { applySeparable, viewOperator } from "./transforms.ts";

/** A picture at the surrogate's scale. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** RGB, [height, width, 3], 0..1 */
  readonly data: Float32Array;
}

/** The shorter side, in pixels, of a picture at the scale at which a surrogate looks at it. */
function shorterSide({ inputSize, viewing }: Pick<Surrogate, "inputSize" | "viewing">): number {
  return Math.round(inputSize * viewing.canvasPerInput);
}

/** Pixels of a picture, along a side, for one of the scale at which a surrogate looks: above 1 in those that are shrunk to it. */
export function coarsenessOf(
  { width, height }: { readonly width: number; readonly height: number },
  surrogate: Pick<Surrogate, "inputSize" | "viewing">,
): number {
  return Math.min(width, height) / shorterSide(surrogate);
}

/** Shrinks a picture to the scale at which a surrogate looks at it; smaller pictures keep their size. */
export function canvasOf(pixels: Pixels, surrogate: Pick<Surrogate, "inputSize" | "viewing">): Canvas {
  const scale = Math.min(1, shorterSide(surrogate) / Math.min(pixels.width, pixels.height));
  const width = Math.max(1, Math.round(pixels.width * scale));
  const height = Math.max(1, Math.round(pixels.height * scale));
  return { width, height, data: resizePixels(pixels, width, height) };
}

/** The middles of canvases, [m, S, S, 3]. */
export function middlesOf(
  canvases: readonly Canvas[],
  { viewing, inputSize }: Pick<Surrogate, "viewing" | "inputSize">,
): tf.Tensor4D {
  return tf.tidy(() => {
    const middles = canvases.map(({ width, height, data }) => {
      const operator = viewOperator(viewing.centre(width, height), width, height, inputSize);
      return applySeparable(tf.tensor3d(data, [height, width, 3]), operator);
    });
    return tf.stack(middles) as tf.Tensor4D;
  });
}
