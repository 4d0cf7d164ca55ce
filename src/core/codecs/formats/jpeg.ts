/** JPEG: MozJPEG for pictures of one and three components, jpeg-js for CMYK. */
import jpegDecoderFactory from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import jpegEncoderFactory from "@jsquash/jpeg/codec/enc/mozjpeg_enc.js";
import { decode as decodeCmyk } from "jpeg-js";
import { MAX_PIXELS, type Pixels } from "../../contract/pixels.ts";
import { concat, startsWith } from "../bytes.ts";
import { type EncodeAt, encodeToSize } from "../encode-to-size.ts";
import { BIG_PICTURE, type Encoder, runEncoder } from "../encoder.ts";
import { corruptPicture, type Format, type Original } from "../format.ts";
import type { PictureInfo } from "../picture-info.ts";
import { type EmscriptenFactory, instantiate } from "../wasm.ts";
import { readJpegExtras, withDensity } from "./jpeg-extras.ts";
import { bareJpeg, JPEG, readJpegHeader, withIcc } from "./jpeg-header.ts";

const DECODER = "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm";
const ENCODER = "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm";

export const jpeg = {
  ...JPEG,
  binaries: [DECODER, ENCODER],
  // A block of 64 pixels takes at least one bit for its mean, in one of the components.
  mostPixelsPerByte: 8 * 64 * 4,
  matches: (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff]),
  readHeader: (bytes) => ({ ...readJpegHeader(bytes), ...readJpegExtras(bytes) }),
  decode,
  encode,
} as const satisfies Format;

interface Decoder {
  decode(bytes: Uint8Array, preserveOrientation: boolean): Pixels | null;
}

/** libjpeg's warnings about bytes between segments, which do no harm. */
const HARMLESS = /extraneous bytes before marker|Invalid SOS parameters|Unknown Adobe color transform/;
/** The quality to try first where the original's is unknown. */
const USUAL_QUALITY = 85;

async function decode(bytes: Uint8Array, info: PictureInfo): Promise<Pixels | null> {
  const bare = bareJpeg(bytes);
  // The decoder warns when the end of a scan is missing. A missing later scan makes a progressive picture
  // coarser, which is then what browsers show, but takes a component from another.
  // The decoder of four components never warns.
  const warns = info.components !== 4 && (info.progressive || bare.scans === 1);
  if (!bare.complete && !warns) throw corruptPicture(JPEG, "end-missing");
  if (info.components === 4) return decodeFourComponents(bare.bytes);
  const messages: string[] = [];
  const decoder = await instantiate<Decoder>(
    DECODER,
    jpegDecoderFactory as unknown as EmscriptenFactory<Decoder>,
    (line) => messages.push(line),
  );
  const pixels = decoder.decode(bare.bytes, false);
  if (messages.some((line) => !HARMLESS.test(line))) throw corruptPicture(JPEG, "part-missing");
  return pixels;
}

/**
 * CMYK and YCCK. Values are taken as inverted, as Adobe writes them and other readers assume, also without
 * Adobe's segment.
 */
function decodeFourComponents(bare: Uint8Array): Pixels {
  const adobe = Uint8Array.of(0xff, 0xee, 0, 14, 65, 100, 111, 98, 101, 0, 100, 0, 0, 0, 0, 0);
  // A segment in the file itself comes later and overrides this one.
  const { width, height, data } = decodeCmyk(concat([bare.subarray(0, 2), adobe, bare.subarray(2)]), {
    useTArray: true,
    tolerantDecoding: false,
    maxResolutionInMP: MAX_PIXELS / 1e6,
    maxMemoryUsageInMB: 4096,
  });
  return { width, height, data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.byteLength) };
}

async function encode(
  pixels: Pixels,
  { info, bytes }: Original,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const icc = info.components === 4 ? undefined : info.icc;
  const encodeBare = await createEncoder({
    grey: info.grey,
    progressive: info.progressive === true && pixels.width * pixels.height <= BIG_PICTURE,
    // The encoder halves the chroma along both axes or along none; along one is closer to none.
    halveChroma: info.subsampling === "4:2:0" || info.subsampling === "4:1:1",
  });
  const encodeAt: EncodeAt = async (part, quality) => {
    const bytes = withDensity(await encodeBare(part, quality), info.density);
    return icc ? withIcc(bytes, icc) : bytes;
  };
  const target = { bytes, overhead: icc?.length ?? 0, quality: info.quality ?? USUAL_QUALITY };
  return encodeToSize(pixels, target, encodeAt, signal);
}

/**
 * Encodes as sites do: baseline JPEG, 4:2:0, at one quality.
 * @param quality 1 to 100, on libjpeg's scale
 */
export async function encodeJpegAt(pixels: Pixels, quality: number): Promise<Uint8Array<ArrayBuffer>> {
  const encodeAt = await createEncoder({ grey: false, progressive: false, halveChroma: true });
  return encodeAt(pixels, quality);
}

interface EncoderOptions {
  readonly grey: boolean;
  readonly progressive: boolean;
  readonly halveChroma: boolean;
}

async function createEncoder({ grey, progressive, halveChroma }: EncoderOptions): Promise<EncodeAt> {
  const encoder = await instantiate<Encoder>(
    ENCODER,
    jpegEncoderFactory as unknown as EmscriptenFactory<Encoder>,
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
  return async (part, quality) => runEncoder(encoder, part, { ...options, quality });
}
