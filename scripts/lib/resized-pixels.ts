/** Pictures in other sizes, for measurements. */
import type { Pixels } from "../../src/core/contract/pixels.ts";
import { resampleToFloats } from "../../src/core/engine/resample.ts";

/** A copy of a picture in another size, without its alpha. */
export function resizedPixels(pixels: Pixels, width: number, height: number): Pixels {
  const colours = resampleToFloats(pixels, width, height);
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) data[4 * i + c] = 255 * (colours[3 * i + c] as number);
  return { width, height, data };
}
