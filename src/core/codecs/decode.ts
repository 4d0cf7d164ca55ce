/**
 * Bytes to pixels. The codecs are lenient (they fill what is missing with grey), so everything that shows damage, from
 * a missing end to the decoder's own warnings, is looked at and refused.
 */

import jpegFactory from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import { decode as pngDecode, initSync as pngInit } from "@jsquash/png/codec/pkg/squoosh_png.js";
import webpFactory from "@jsquash/webp/codec/dec/webp_dec.js";
import { decode as decodeCmyk } from "jpeg-js";
import type { Pixels } from "../contract/pixels.ts";
import { MAX_PIXELS } from "../contract/pixels.ts";
import { type Damage, type FormatName, Problem } from "../contract/problem.ts";
import { concat } from "./bytes.ts";
import { bareJpeg } from "./jpeg-header.ts";
import { applyOrientation } from "./orientation.ts";
import type { PictureInfo, PictureType } from "./picture-info.ts";
import { barePng } from "./png-header.ts";
import { type EmscriptenFactory, instantiate, wasmModule } from "./wasm.ts";

interface JpegDecoder {
  decode(bytes: Uint8Array, preserveOrientation: boolean): Pixels | null;
}
interface WebpDecoder {
  decode(bytes: Uint8Array): Pixels | null;
}

/** libjpeg's warnings about bytes between segments, which harm nothing. */
const HARMLESS = /extraneous bytes before marker|Invalid SOS parameters|Unknown Adobe color transform/;

const NAMES: Readonly<Record<PictureType, FormatName>> = {
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "image/webp": "WebP",
};

/**
 * Decodes a whole picture, upright: where the EXIF orientation turns it by a quarter, width and height swap. Greys have
 * three equal channels, 16-bit samples keep their upper 8 bits, CMYK is converted without its profile, and pixels that
 * are fully transparent keep the colour they have in the file.
 *
 * @param info what {@link sniff} says about the same bytes
 * @throws Problem `corrupt` when anything is missing or damaged, `too-large` when memory runs out
 */
export async function decode(bytes: Uint8Array, info: PictureInfo): Promise<Pixels> {
  let pixels: Pixels | null;
  try {
    pixels = await DECODERS[info.type](bytes, info);
  } catch (error) {
    throw asProblem(error, info.type);
  }
  if (!pixels || pixels.width !== info.width || pixels.height !== info.height)
    throw damaged(info.type, "unreadable");
  return applyOrientation(
    { width: pixels.width, height: pixels.height, data: pixels.data },
    info.orientation,
  );
}

const DECODERS: Readonly<
  Record<PictureType, (bytes: Uint8Array, info: PictureInfo) => Promise<Pixels | null>>
> = {
  "image/jpeg": decodeJpeg,
  "image/png": decodePng,
  "image/webp": decodeWebp,
};

async function decodeJpeg(bytes: Uint8Array, info: PictureInfo): Promise<Pixels | null> {
  const bare = bareJpeg(bytes);
  // One scan for everything fails loudly when cut off; later passes, when lost, would only be missed in the looks.
  if (!bare.complete && (info.progressive || bare.scans !== 1)) throw damaged(info.type, "end-missing");
  if (info.components === 4) return decodeFourComponents(bare.bytes);
  const messages: string[] = [];
  const decoder = await instantiate<JpegDecoder>(
    "jpeg-decode",
    jpegFactory as unknown as EmscriptenFactory<JpegDecoder>,
    (line) => messages.push(line),
  );
  const pixels = decoder.decode(bare.bytes, false);
  if (messages.some((line) => !HARMLESS.test(line))) throw damaged(info.type, "part-missing");
  return pixels;
}

/** CMYK and YCCK, with Adobe's inverted values also where Adobe's segment is missing, as other readers take them. */
function decodeFourComponents(bare: Uint8Array): Pixels {
  const adobe = Uint8Array.of(0xff, 0xee, 0, 14, 65, 100, 111, 98, 101, 0, 100, 0, 0, 0, 0, 0);
  // Should the file have its own, it comes later and wins.
  const { width, height, data } = decodeCmyk(concat([bare.subarray(0, 2), adobe, bare.subarray(2)]), {
    useTArray: true,
    tolerantDecoding: false,
    maxResolutionInMP: MAX_PIXELS / 1e6,
    maxMemoryUsageInMB: 4096,
  });
  return { width, height, data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.byteLength) };
}

async function decodePng(bytes: Uint8Array): Promise<Pixels> {
  const bare = barePng(bytes);
  pngInit(await wasmModule("png-decode"));
  return pngDecode(bare);
}

async function decodeWebp(bytes: Uint8Array): Promise<Pixels | null> {
  const decoder = await instantiate<WebpDecoder>(
    "webp-decode",
    webpFactory as unknown as EmscriptenFactory<WebpDecoder>,
  );
  return decoder.decode(bytes);
}

function damaged(type: PictureType, damage: Damage, cause?: unknown): Problem {
  return new Problem({ code: "corrupt/picture", format: NAMES[type], damage }, { cause });
}

function asProblem(error: unknown, type: PictureType): Problem {
  if (error instanceof Problem) return error;
  const text = String(error);
  if (error instanceof RangeError || /OOM|memory|allocation/i.test(text))
    return new Problem({ code: "too-large/memory" }, { cause: error });
  return damaged(type, "unreadable", error);
}
