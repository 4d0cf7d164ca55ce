/** Turns pixels upright, so that a picture looks the same without its EXIF data. */

import type { Pixels } from "../contract/pixels.ts";
import type { Orientation } from "./picture-info.ts";

/**
 * Side of the square tiles that are copied one after another, in pixels: source and target of a tile fit into
 * the cache.
 */
const TILE = 64;

/** The upright picture; the same object when it is upright already. */
export function applyOrientation(pixels: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return pixels;
  const { width, height } = pixels;
  const turned = orientation >= 5;
  const newWidth = turned ? height : width;
  const source = new Uint32Array(pixels.data.buffer, pixels.data.byteOffset, width * height);
  const target = new Uint32Array(width * height);
  // Index of the stored picture's first pixel in the upright one, and the steps there for one step right and
  // one down.
  const lastColumn = newWidth - 1;
  const lastRow = width * height - newWidth;
  const [origin, right, down] = {
    2: [lastColumn, -1, newWidth],
    3: [lastRow + lastColumn, -1, -newWidth],
    4: [lastRow, 1, -newWidth],
    5: [0, newWidth, 1],
    6: [lastColumn, newWidth, -1],
    7: [lastRow + lastColumn, -newWidth, -1],
    8: [lastRow, -newWidth, 1],
  }[orientation] as [number, number, number];
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      const bottom = Math.min(top + TILE, height);
      const end = Math.min(left + TILE, width);
      for (let y = top; y < bottom; y++) {
        let to = origin + y * down + left * right;
        const row = y * width;
        for (let x = left; x < end; x++, to += right) target[to] = source[row + x] as number;
      }
    }
  }
  return {
    width: newWidth,
    height: turned ? width : height,
    data: new Uint8ClampedArray(target.buffer),
  };
}
