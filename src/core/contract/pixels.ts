/** A decoded picture, 8 bits a channel: the type that codecs and engine exchange. */
export interface Pixels {
  /** In pixels, at least 1. */
  readonly width: number;
  /** In pixels, at least 1. */
  readonly height: number;
  /** RGBA, row by row, `4 * width * height` bytes, not premultiplied, in the picture's own colour space. */
  readonly data: Uint8ClampedArray;
}

/** Most pixels of a picture: RGBA copies of larger ones may not fit into the memory of a tab. */
export const MAX_PIXELS = 100_000_000;
/** Longest side of a picture, in pixels. */
export const MAX_SIDE = 30_000;
/** Shortest side of a picture, in pixels: two JPEG blocks. */
export const MIN_SIDE = 16;
/** Most times that the longest side of a picture is longer than its shortest: networks see it by its shortest. */
export const MAX_ASPECT = 64;
