/** The encoders of @jsquash, all of one shape. */
import type { Pixels } from "../contract/pixels.ts";

export interface Encoder {
  encode(
    data: Uint8ClampedArray,
    width: number,
    height: number,
    options: object,
  ): Uint8Array<ArrayBuffer> | null;
}

/** @throws Error when the encoder gives nothing */
export function runEncoder(encoder: Encoder, pixels: Pixels, options: object): Uint8Array<ArrayBuffer> {
  const bytes = encoder.encode(pixels.data, pixels.width, pixels.height, options);
  if (!bytes) throw new Error("the encoder gave nothing");
  return bytes;
}

/** Pictures of more pixels are encoded with faster settings, which make files a few per cent larger. */
export const BIG_PICTURE = 4_000_000;
