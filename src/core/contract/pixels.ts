/** An 8-bit picture in memory: what codecs produce and the engine's plain-array half works on. */
export interface Pixels {
  /** In pixels, at least 1. */
  readonly width: number;
  /** In pixels, at least 1. */
  readonly height: number;
  /** RGBA, row by row, `4 * width * height` bytes, not premultiplied, in the picture's own colour space. */
  readonly data: Uint8ClampedArray;
}

/** Most pixels a picture may declare: above it RGBA copies no longer fit into a tab's memory with certainty. */
export const MAX_PIXELS = 100_000_000;
/** Longest side a picture may declare, in pixels. */
export const MAX_SIDE = 30_000;
/** Shortest side a picture may have, in pixels: two JPEG blocks. */
export const MIN_SIDE = 16;
