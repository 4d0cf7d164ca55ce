/** Pixels to bytes of the same type, about the same size and the same kind of channels as the original. */

import jpegFactory from "@jsquash/jpeg/codec/enc/mozjpeg_enc.js";
import webpFactory from "@jsquash/webp/codec/enc/webp_enc_simd.js";
import { defaultOptions as webpDefaults } from "@jsquash/webp/meta.js";
import type { Pixels } from "../contract/pixels.ts";
import { Problem } from "../contract/problem.ts";
import { encodePng } from "./encode-png.ts";
import { withIcc as withJpegIcc } from "./jpeg-header.ts";
import type { PictureInfo, PictureType } from "./picture-info.ts";
import { sampleTiles } from "./sample.ts";
import { searchQuality } from "./size-search.ts";
import { type EmscriptenFactory, instantiate } from "./wasm.ts";
import { withIcc as withWebpIcc } from "./webp-header.ts";

/** What the output is to be like. */
export interface Original {
  readonly info: PictureInfo;
  /** Size of the original file; without it, the quality alone is kept. */
  readonly bytes?: number;
}

interface Encoder {
  encode(
    data: Uint8ClampedArray,
    width: number,
    height: number,
    options: object,
  ): Uint8Array<ArrayBuffer> | null;
}

type EncodeAt = (pixels: Pixels, quality: number) => Promise<Uint8Array<ArrayBuffer>>;

/** Pictures of more pixels have their quality searched on a sample of this size. */
const SAMPLE_PIXELS = 1 << 20;
/** Pictures of more pixels are encoded with the faster settings, a few per cent larger. */
const BIG = 4_000_000;
const MOST_ENCODES = 8;
const MOST_FULL_ENCODES = 3;
/** Qualities to begin with when the original's is unknown. */
const USUAL_JPEG_QUALITY = 85;
const USUAL_WEBP_QUALITY = 80;

/**
 * Encodes upright pixels like the original: the same type; JPEG with the quality (from the original's own, found
 * again by size if need be), chroma sampling and grey or colour; PNG without loss; WebP with or without loss. The ICC
 * profile stays, unless the picture was CMYK; all other metadata are dropped. A grey picture's red channel is what is
 * written.
 *
 * JPEG and lossy WebP stay within 40 % of the original's size, unless no quality does that: a file that was mostly
 * metadata keeps its quality and gets smaller.
 *
 * @throws Problem `too-large` when memory runs out, `internal` when the encoder fails; `AbortError` between encodes
 */
export async function encode(
  pixels: Pixels,
  like: Original,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted();
  try {
    const bytes = await ENCODERS[like.info.type](pixels, like, signal);
    signal?.throwIfAborted();
    return bytes;
  } catch (error) {
    if (error instanceof Problem || (error instanceof Error && error.name === "AbortError")) throw error;
    if (signal?.aborted) throw signal.reason;
    if (/OOM|memory|allocation/i.test(String(error)))
      throw new Problem({ code: "too-large/memory" }, { cause: error });
    throw new Problem({ code: "internal/encoder" }, { cause: error });
  }
}

const ENCODERS: Readonly<
  Record<
    PictureType,
    (pixels: Pixels, like: Original, signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>
  >
> = {
  "image/jpeg": encodeJpeg,
  "image/png": (pixels, { info }, signal) => encodePng(pixels, info, signal),
  "image/webp": encodeWebp,
};

async function encodeJpeg(
  pixels: Pixels,
  like: Original,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { info } = like;
  const icc = info.components === 4 ? undefined : info.icc;
  const encodeBare = await jpegEncoder({
    grey: info.grey,
    progressive: info.progressive === true && pixels.width * pixels.height <= BIG,
    // The encoder halves the chroma both ways or not at all; half one way is nearer to not at all.
    halveChroma: info.subsampling === "4:2:0" || info.subsampling === "4:1:1",
  });
  const encodeAt: EncodeAt = async (part, quality) => {
    const bytes = await encodeBare(part, quality);
    return icc ? withJpegIcc(bytes, icc) : bytes;
  };
  return encodeToSize(
    pixels,
    like.bytes,
    icc?.length ?? 0,
    info.quality ?? USUAL_JPEG_QUALITY,
    encodeAt,
    signal,
  );
}

/**
 * Encodes as sites do: baseline JPEG, 4:2:0, at one quality.
 * @param quality 1 to 100, on libjpeg's scale
 */
export async function encodeJpegAt(pixels: Pixels, quality: number): Promise<Uint8Array<ArrayBuffer>> {
  const encodeAt = await jpegEncoder({ grey: false, progressive: false, halveChroma: true });
  return encodeAt(pixels, quality);
}

interface JpegKind {
  readonly grey: boolean;
  readonly progressive: boolean;
  readonly halveChroma: boolean;
}

async function jpegEncoder({ grey, progressive, halveChroma }: JpegKind): Promise<EncodeAt> {
  const encoder = await instantiate<Encoder>(
    "jpeg-encode",
    jpegFactory as unknown as EmscriptenFactory<Encoder>,
  );
  const options = {
    baseline: !progressive,
    arithmetic: false,
    progressive,
    optimize_coding: true,
    smoothing: 0,
    color_space: grey ? 1 : 3,
    quant_table: 0,
    trellis_multipass: false,
    trellis_opt_zero: false,
    trellis_opt_table: false,
    trellis_loops: 1,
    auto_subsample: false,
    chroma_subsample: halveChroma ? 2 : 1,
    separate_chroma_quality: false,
    chroma_quality: 0,
  };
  return async (part, quality) => run(encoder, part, { ...options, quality });
}

async function encodeWebp(
  pixels: Pixels,
  like: Original,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { info } = like;
  const { icc } = info;
  const encoder = await instantiate<Encoder>(
    "webp-encode",
    webpFactory as unknown as EmscriptenFactory<Encoder>,
  );
  const method = pixels.width * pixels.height > BIG ? 2 : 4;
  const encodeAt: EncodeAt = async (part, quality) => {
    const bytes = run(encoder, part, { ...webpDefaults, method, quality });
    return icc ? withWebpIcc(bytes, icc) : bytes;
  };
  if (!info.lossless)
    return encodeToSize(pixels, like.bytes, icc?.length ?? 0, USUAL_WEBP_QUALITY, encodeAt, signal);
  // Without loss, `quality` is effort; `exact` keeps the colour under full transparency.
  const bytes = run(encoder, pixels, { ...webpDefaults, lossless: 1, exact: 1, method: 2, quality: 50 });
  return icc ? withWebpIcc(bytes, icc) : bytes;
}

function run(encoder: Encoder, pixels: Pixels, options: object): Uint8Array<ArrayBuffer> {
  const bytes = encoder.encode(pixels.data, pixels.width, pixels.height, options);
  if (!bytes) throw new Error("the encoder gave nothing");
  return bytes;
}

/** Searches the quality, on a sample first when the picture is big, so that it is encoded whole only once or twice. */
async function encodeToSize(
  pixels: Pixels,
  wanted: number | undefined,
  overhead: number,
  start: number,
  encodeAt: EncodeAt,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const at = (part: Pixels) => async (quality: number) => {
    await breathe();
    signal?.throwIfAborted();
    return encodeAt(part, quality);
  };
  if (wanted === undefined) return at(pixels)(start);
  const sample = sampleTiles(pixels, SAMPLE_PIXELS);
  if (sample === pixels)
    return (await searchQuality({ encode: at(pixels), start, bytes: wanted, limit: MOST_ENCODES })).bytes;
  const share = (sample.width * sample.height) / (pixels.width * pixels.height);
  const sampleBytes = Math.max(1, wanted - overhead) * share + overhead;
  const guess = await searchQuality({ encode: at(sample), start, bytes: sampleBytes, limit: MOST_ENCODES });
  const found = await searchQuality({
    encode: at(pixels),
    start: guess.quality,
    bytes: wanted,
    limit: MOST_FULL_ENCODES,
  });
  return found.bytes;
}

/** Lets events in between two encodes, so that a signal can fire at all. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
