/**
 * Flat areas: pixels that have exactly the colour of their eight neighbours, as the paper of a screenshot, the areas of
 * a drawing and what is overexposed in a photograph. The eye sees each change there, and lossless files grow by it.
 */
import { colourNumbers } from "../contract/colours.ts";
import type { Pixels } from "../contract/pixels.ts";

/** Tells of a pixel whether it lies in a flat area. */
export function flatAreas(pixels: Pixels): (x: number, y: number) => boolean {
  const { width, height } = pixels;
  const colours = colourNumbers(pixels);
  return (x, y) => {
    const at = y * width + x;
    const colour = colours[at];
    // In photographs nearly every pixel differs from the next one already.
    if (colours[x > 0 ? at - 1 : at + 1] !== colour && width > 1) return false;
    const left = Math.max(0, x - 1);
    const right = Math.min(width - 1, x + 1);
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
      for (let i = row * width + left; i <= row * width + right; i++) if (colours[i] !== colour) return false;
    return true;
  };
}

/** The share of a picture's pixels that lie in flat areas, 0..1. */
export function flatShare(pixels: Pixels): number {
  const { width, height } = pixels;
  const isFlat = flatAreas(pixels);
  let count = 0;
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (isFlat(x, y)) count++;
  return count / (width * height);
}
