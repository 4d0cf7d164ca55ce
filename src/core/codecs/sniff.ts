/**
 * Finds out what a file is from its bytes alone; names and MIME types lie. Pictures that cannot be protected are
 * refused with their format, so that a person can be told what to do.
 */
import { MAX_PIXELS, MAX_SIDE, MIN_SIDE } from "../contract/pixels.ts";
import { type ForeignFormat, Problem } from "../contract/problem.ts";
import { ascii } from "./bytes.ts";
import { readJpegHeader } from "./jpeg-header.ts";
import type { PictureInfo } from "./picture-info.ts";
import { readPngHeader } from "./png-header.ts";
import { readWebpHeader } from "./webp-header.ts";

/**
 * Reads only headers.
 *
 * @throws Problem `empty`, `corrupt`, `unsupported` (another kind of file), `animated`, `too-large` (over
 * {@link MAX_PIXELS} pixels or {@link MAX_SIDE} on a side), `too-small` (a side under {@link MIN_SIDE}).
 */
export function sniff(bytes: Uint8Array): PictureInfo {
  if (bytes.length === 0) throw new Problem({ code: "empty" });
  const info = readHeader(bytes);
  const { width, height } = info;
  if (width < 1 || height < 1) throw new Problem({ code: "corrupt/no-pixels" });
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS)
    throw new Problem({ code: "too-large/picture", width, height });
  if (width < MIN_SIDE || height < MIN_SIDE) throw new Problem({ code: "too-small", width, height });
  return info;
}

function readHeader(bytes: Uint8Array): PictureInfo {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return readJpegHeader(bytes);
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return readPngHeader(bytes);
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 4) === "WEBP") return readWebpHeader(bytes);
  throw refuse(bytes);
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((value, i) => bytes[i] === value);
}

/** What is wrong with anything that is not JPEG, PNG or WebP. */
function refuse(bytes: Uint8Array): Problem {
  const magic = ascii(bytes, 0, 6);
  const isGif = magic === "GIF87a" || magic === "GIF89a";
  if (isGif && isAnimatedGif(bytes)) return new Problem({ code: "animated", format: "GIF" });
  const format = isGif ? "gif" : foreignFormat(bytes);
  return new Problem(format ? { code: "unsupported/format", format } : { code: "unsupported/unknown" });
}

function foreignFormat(bytes: Uint8Array): ForeignFormat | undefined {
  if (ascii(bytes, 4, 4) === "ftyp") return formatOfBrand(ascii(bytes, 8, 4), bytes);
  if (startsWith(bytes, [0xff, 0x0a]) || startsWith(bytes, [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20]))
    return "jpeg-xl";
  if (startsWith(bytes, [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20]) || startsWith(bytes, [0xff, 0x4f, 0xff, 0x51]))
    return "jpeg-2000";
  if (startsWith(bytes, [0x49, 0x49, 0x2a, 0]) || startsWith(bytes, [0x4d, 0x4d, 0, 0x2a])) return "tiff";
  // The size field behind "BM" and the reserved zeros keep ordinary text from counting as a picture.
  if (ascii(bytes, 0, 2) === "BM" && startsWith(bytes.subarray(6), [0, 0, 0, 0])) return "bmp";
  if (startsWith(bytes, [0, 0, 1, 0])) return "ico";
  if (startsWith(bytes, [0, 0, 2, 0])) return "cur";
  if (ascii(bytes, 0, 4) === "8BPS") return "psd";
  if (ascii(bytes, 0, 5) === "%PDF-") return "pdf";
  if (isSvg(bytes)) return "svg";
  return undefined;
}

/** The format of a file of the ISO base media family by its major brand and, for generic ones, its compatible brands. */
function formatOfBrand(brand: string, bytes: Uint8Array): ForeignFormat {
  const brands = `${brand} ${ascii(bytes, 16, 64)}`;
  if (/^avi[fs]|avi[fs]/.test(brands)) return "avif";
  if (/hei[cxms]|hev[cxms]|mif1|msf1/.test(brands)) return "heic";
  if (brand === "crx ") return "raw";
  return "video";
}

/** True when the file is text that begins as XML does and has an `svg` element, but is no web page. */
function isSvg(bytes: Uint8Array): boolean {
  const text = ascii(bytes, 0, 4096)
    .replace(/^\xef\xbb\xbf|^\xff\xfe|^\xfe\xff/, "")
    .replaceAll("\0", "")
    .trimStart();
  return /^<[?!]|^<(?:\w+:)?svg\b/.test(text) && /<(?:\w+:)?svg\b/.test(text) && !/<html\b/i.test(text);
}

/** Counts frames by walking the blocks of a GIF (GIF89a, sections 20 and 23 to 26) until the second one. */
function isAnimatedGif(bytes: Uint8Array): boolean {
  const colours = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let at = 13 + colours(bytes[10] ?? 0);
  let frames = 0;
  while (at < bytes.length) {
    const block = bytes[at];
    if (block === 0x2c) {
      if (++frames > 1) return true;
      at += 10 + colours(bytes[at + 9] ?? 0) + 1;
    } else if (block === 0x21) at += 2;
    else return false;
    for (let size = bytes[at++]; size; size = bytes[at++]) at += size;
  }
  return false;
}
