/** AVIF: libavif, decoded and encoded with loss. */
import avifDecoderFactory from "@jsquash/avif/codec/dec/avif_dec.js";
import avifEncoderFactory from "@jsquash/avif/codec/enc/avif_enc.js";
import { defaultOptions } from "@jsquash/avif/meta.js";
import type { Pixels } from "../../contract/pixels.ts";
import { type Damage, Problem } from "../../contract/problem.ts";
import { type EncodeAt, encodeToSize } from "../encode-to-size.ts";
import { BIG_PICTURE, type Encoder, runEncoder } from "../encoder.ts";
import { corruptPicture, type Format, type Original } from "../format.ts";
import type { PictureInfo } from "../picture-info.ts";
import { type EmscriptenFactory, instantiate } from "../wasm.ts";
import { withColour } from "./avif-colour.ts";
import { checkCodedSize } from "./coded-size.ts";
import {
  brandsOf,
  describePrimary,
  type HeifFile,
  type HeifPicture,
  property,
  readHeif,
} from "./heif-boxes.ts";

const AVIF = { type: "image/avif", name: "AVIF", extension: "avif" } as const;

const DECODER = "@jsquash/avif/codec/dec/avif_dec.wasm";
const ENCODER = "@jsquash/avif/codec/enc/avif_enc.wasm";

export const avif = {
  ...AVIF,
  binaries: [DECODER, ENCODER],
  // A large picture of one colour has so many; the coder itself sets no bound that would be of use.
  mostPixelsPerByte: 65_536,
  matches: (bytes) => brandsOf(bytes).some((brand) => /^avi[fs]$/.test(brand)),
  readHeader,
  decode,
  encode,
} as const satisfies Format;

const corrupt = (damage: Damage, cause?: unknown) => corruptPicture(AVIF, damage, cause);

function read(bytes: Uint8Array): HeifPicture & { file: HeifFile } {
  let file: HeifFile | undefined;
  try {
    file = readHeif(bytes);
  } catch (cause) {
    throw corrupt("end-missing", cause);
  }
  // Browsers show the film, where there is one.
  if (brandsOf(bytes).includes("avis") && (!file || file.moving))
    throw new Problem({ code: "animated", format: AVIF.name });
  const picture = file && describePrimary(file);
  if (!file || !picture) throw corrupt("no-picture");
  return { ...picture, file };
}

/** Bits of the third byte of av1C. */
const MONOCHROME = 0x10;
const HALVED_ACROSS = 0x08;
const HALVED_DOWN = 0x04;

function readHeader(bytes: Uint8Array): PictureInfo {
  const picture = read(bytes);
  const { width, height, orientation, codec, coded, alpha, bitDepth, icc, cicp, extras } = picture;
  if (codec !== "av01") throw new Problem({ code: "unsupported/compression", format: AVIF.name });
  checkCodedSize(picture, picture.file, AVIF);
  const layout = (coded[0] && property(coded[0], "av1C")?.[2]) ?? HALVED_ACROSS | HALVED_DOWN;
  const grey = (layout & MONOCHROME) !== 0;
  return {
    type: AVIF.type,
    width,
    height,
    orientation,
    grey,
    alpha,
    components: grey ? (alpha ? 2 : 1) : alpha ? 4 : 3,
    bitDepth,
    subsampling: layout & HALVED_DOWN ? "4:2:0" : layout & HALVED_ACROSS ? "4:2:2" : "4:4:4",
    ...(icc && { icc }),
    ...(cicp && { cicp }),
    ...(extras && { extras }),
  };
}

interface Decoder {
  decode(bytes: Uint8Array, bitDepth: 8): Pixels | null;
}

async function decode(bytes: Uint8Array): Promise<Pixels | null> {
  const { crop } = read(bytes);
  const factory = avifDecoderFactory as unknown as EmscriptenFactory<Decoder>;
  const pixels = (await instantiate<Decoder>(DECODER, factory)).decode(bytes, 8);
  return pixels && crop ? cropped(pixels, crop) : pixels;
}

function cropped({ width: stride, data }: Pixels, crop: NonNullable<HeifPicture["crop"]>): Pixels {
  const { left, top, width, height } = crop;
  const part = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    const from = 4 * ((top + y) * stride + left);
    part.set(data.subarray(from, from + 4 * width), 4 * y * width);
  }
  return { width, height, data: part };
}

/** The quality to try first, since a file does not say its own. */
const USUAL_QUALITY = 60;
/** libavif's numbers of the chroma layouts. */
const LAYOUTS = { "4:2:0": 1, "4:2:2": 2, "4:4:4": 3 } as const;
/** Bytes of the boxes around the coded picture. */
const BOXES = 300;

async function encode(
  pixels: Pixels,
  { info, bytes }: Original,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const factory = avifEncoderFactory as unknown as EmscriptenFactory<Encoder>;
  const encoder = await instantiate<Encoder>(ENCODER, factory);
  const options = {
    ...defaultOptions,
    subsample: info.grey ? 0 : LAYOUTS[(info.subsampling ?? "4:2:0") as keyof typeof LAYOUTS],
    // 10 is fastest. In large pictures, a slower one takes minutes.
    speed: pixels.width * pixels.height > BIG_PICTURE ? 9 : 7,
  };
  const encodeAt: EncodeAt = async (part, quality) =>
    withColour(runEncoder(encoder, part, { ...options, quality }), info);
  const target = { bytes, overhead: BOXES + (info.icc?.length ?? 0), quality: USUAL_QUALITY };
  return encodeToSize(pixels, target, encodeAt, signal);
}
