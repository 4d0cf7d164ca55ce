/** WebP: libwebp, with and without loss. */
import webpDecoderFactory from "@jsquash/webp/codec/dec/webp_dec.js";
import webpEncoderFactory from "@jsquash/webp/codec/enc/webp_enc_simd.js";
import { defaultOptions } from "@jsquash/webp/meta.js";
import type { Pixels } from "../../contract/pixels.ts";
import { ascii } from "../bytes.ts";
import { type EncodeAt, encodeToSize } from "../encode-to-size.ts";
import { BIG_PICTURE, type Encoder, runEncoder } from "../encoder.ts";
import type { Format, Original } from "../format.ts";
import { type EmscriptenFactory, instantiate } from "../wasm.ts";
import { readWebpHeader, WEBP, withIcc } from "./webp-chunks.ts";

const DECODER = "@jsquash/webp/codec/dec/webp_dec.wasm";
const ENCODER = "@jsquash/webp/codec/enc/webp_enc_simd.wasm";

export const webp = {
  ...WEBP,
  binaries: [DECODER, ENCODER],
  matches: (bytes) => ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 4) === "WEBP",
  readHeader: readWebpHeader,
  decode,
  encode,
} as const satisfies Format;

interface Decoder {
  decode(bytes: Uint8Array): Pixels | null;
}

/** The quality to try first, since a file does not say its own. */
const USUAL_QUALITY = 80;

async function decode(bytes: Uint8Array): Promise<Pixels | null> {
  const factory = webpDecoderFactory as unknown as EmscriptenFactory<Decoder>;
  return (await instantiate<Decoder>(DECODER, factory)).decode(bytes);
}

async function encode(
  pixels: Pixels,
  { info, bytes }: Original,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { icc, lossless } = info;
  const factory = webpEncoderFactory as unknown as EmscriptenFactory<Encoder>;
  const encoder = await instantiate<Encoder>(ENCODER, factory);
  const run = (part: Pixels, options: object) => {
    const file = runEncoder(encoder, part, { ...defaultOptions, ...options });
    return icc ? withIcc(file, icc) : file;
  };
  // Without loss, `quality` is effort; `exact` keeps the colour of fully transparent pixels.
  if (lossless) return run(pixels, { lossless: 1, exact: 1, method: 2, quality: 50 });
  const method = pixels.width * pixels.height > BIG_PICTURE ? 2 : 4;
  const encodeAt: EncodeAt = async (part, quality) => run(part, { method, quality });
  const target = { bytes, overhead: icc?.length ?? 0, quality: USUAL_QUALITY };
  return encodeToSize(pixels, target, encodeAt, signal);
}
