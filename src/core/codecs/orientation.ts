/** Turns pixels upright, so that a picture keeps its look when its EXIF data are dropped. */

import type { Pixels } from "../contract/pixels.ts";
import type { Orientation } from "./picture-info.ts";

/** Pixels on the side of the square tiles that are copied one after another: keeps both ends of a turn in the cache. */
const TILE = 64;

/** The picture as it is meant to be seen; the same object when it is upright already. */
export function applyOrientation(pixels: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return pixels;
  const { width, height } = pixels;
  const turned = orientation >= 5;
  const newWidth = turned ? height : width;
  const source = new Uint32Array(pixels.data.buffer, pixels.data.byteOffset, width * height);
  const target = new Uint32Array(width * height);
  // A step to the right and a step down in the stored picture, as steps in the upright one, and where it begins.
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
