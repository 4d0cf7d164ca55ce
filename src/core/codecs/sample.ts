/**
 * A sample of a large picture: tiles taken evenly from it, with about the same number of bytes a pixel.
 * Searching an encoder's quality, or measuring what is seen of a change, takes a fraction of the time on the sample.
 */
import type { Pixels } from "../contract/pixels.ts";

/** Side of a tile, in pixels: a multiple of all block sizes of JPEG and WebP. */
const TILE = 64;

/**
 * A picture of about `target` pixels made of tiles of the given one, in their order; the given one itself
 * when it is not at least twice as large.
 */
export function sampleTiles(pixels: Pixels, target: number): Pixels {
  const { width, height, data } = pixels;
  const across = Math.floor(width / TILE);
  const down = Math.floor(height / TILE);
  const all = across * down;
  const side = Math.round(Math.sqrt(target) / TILE);
  const count = side * side;
  if (width * height < 2 * target || all < 2 * count) return pixels;
  const sample = new Uint8ClampedArray(4 * (side * TILE) ** 2);
  for (let i = 0; i < count; i++) {
    // Evenly along the reading order; the half keeps the first and last tile away from the border.
    const tile = Math.floor(((i + 0.5) * all) / count);
    const left = (tile % across) * TILE;
    const top = Math.floor(tile / across) * TILE;
    const toLeft = (i % side) * TILE;
    const toTop = Math.floor(i / side) * TILE;
    for (let y = 0; y < TILE; y++) {
      const from = 4 * ((top + y) * width + left);
      sample.set(data.subarray(from, from + 4 * TILE), 4 * ((toTop + y) * side * TILE + toLeft));
    }
  }
  return { width: side * TILE, height: side * TILE, data: sample };
}
