/** Recognises files that Penumbra cannot protect, so that a person can be told what to do with them. */
import type { ForeignFormat } from "../contract/problem.ts";
import { ascii, startsWith } from "./bytes.ts";

/** The format of a file that is none of formats.ts; undefined where it is unknown. */
export function foreignFormat(bytes: Uint8Array): ForeignFormat | undefined {
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return "gif";
  if (ascii(bytes, 4, 4) === "ftyp") return formatOfBrand(ascii(bytes, 8, 4), bytes);
  if (startsWith(bytes, [0xff, 0x0a]) || startsWith(bytes, [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20]))
    return "jpeg-xl";
  if (startsWith(bytes, [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20]) || startsWith(bytes, [0xff, 0x4f, 0xff, 0x51]))
    return "jpeg-2000";
  if (startsWith(bytes, [0x49, 0x49, 0x2a, 0]) || startsWith(bytes, [0x4d, 0x4d, 0, 0x2a])) return "tiff";
  // "BM" alone could begin a text; the reserved zeros behind the size could not.
  if (ascii(bytes, 0, 2) === "BM" && startsWith(bytes.subarray(6), [0, 0, 0, 0])) return "bmp";
  if (startsWith(bytes, [0, 0, 1, 0])) return "ico";
  if (startsWith(bytes, [0, 0, 2, 0])) return "cur";
  if (ascii(bytes, 0, 4) === "8BPS") return "psd";
  if (ascii(bytes, 0, 5) === "%PDF-") return "pdf";
  if (isSvg(bytes)) return "svg";
  return undefined;
}

/**
 * The format of an ISO base media file, by its major brand and, where that is generic, by its compatible
 * brands.
 */
function formatOfBrand(brand: string, bytes: Uint8Array): ForeignFormat {
  const brands = `${brand} ${ascii(bytes, 16, 64)}`;
  if (/^avi[fs]|avi[fs]/.test(brands)) return "avif";
  if (/hei[cxms]|hev[cxms]|mif1|msf1/.test(brands)) return "heic";
  if (brand === "crx ") return "raw";
  return "video";
}

/** Whether the file is text that begins like XML and has an `svg` element, but is no web page. */
function isSvg(bytes: Uint8Array): boolean {
  const text = ascii(bytes, 0, 4096)
    .replace(/^\xef\xbb\xbf|^\xff\xfe|^\xfe\xff/, "")
    .replaceAll("\0", "")
    .trimStart();
  return /^<[?!]|^<(?:\w+:)?svg\b/.test(text) && /<(?:\w+:)?svg\b/.test(text) && !/<html\b/i.test(text);
}

/** Walks the blocks of a GIF (GIF89a, sections 20 and 23 to 26) until the second frame. */
export function isAnimatedGif(bytes: Uint8Array): boolean {
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
