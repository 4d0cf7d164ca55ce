/** Recognises files that Penumbra cannot protect, so that a person can be told what to do with them. */
import type { ForeignFormat } from "../contract/problem.ts";
import { ascii, startsWith } from "./bytes.ts";

/** The format of a file that is none of formats.ts; undefined where it is unknown. */
export function foreignFormat(bytes: Uint8Array): ForeignFormat | undefined {
  if (ascii(bytes, 4, 4) === "ftyp") return ascii(bytes, 8, 4) === "crx " ? "raw" : "video";
  if (startsWith(bytes, [0xff, 0x0a]) || startsWith(bytes, [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20]))
    return "jpeg-xl";
  if (startsWith(bytes, [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20]) || startsWith(bytes, [0xff, 0x4f, 0xff, 0x51]))
    return "jpeg-2000";
  if (startsWith(bytes, [0, 0, 1, 0])) return "ico";
  if (startsWith(bytes, [0, 0, 2, 0])) return "cur";
  if (ascii(bytes, 0, 4) === "8BPS") return "psd";
  if (ascii(bytes, 0, 5) === "%PDF-") return "pdf";
  if (isSvg(bytes)) return "svg";
  return undefined;
}

/** Whether the file is text that begins like XML and has an `svg` element, but is no web page. */
function isSvg(bytes: Uint8Array): boolean {
  const text = ascii(bytes, 0, 4096)
    .replace(/^\xef\xbb\xbf|^\xff\xfe|^\xfe\xff/, "")
    .replaceAll("\0", "")
    .trimStart();
  return /^<[?!]|^<(?:\w+:)?svg\b/.test(text) && /<(?:\w+:)?svg\b/.test(text) && !/<html\b/i.test(text);
}
