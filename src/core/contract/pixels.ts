/** An 8-bit picture in memory: what codecs produce and the engine's plain-array half works on. */
export interface Pixels {
  /** In pixels, at least 1. */
  readonly width: number;
  /** In pixels, at least 1. */
  readonly height: number;
  /** RGBA, row by row, `4 * width * height` bytes, not premultiplied, in the picture's own colour space. */
  readonly data: Uint8ClampedArray;
}
