/** The table of file formats. A new one is a file in formats/ and a line here. */
import type { Format } from "./format.ts";
import { avif } from "./formats/avif.ts";
import { bmp } from "./formats/bmp.ts";
import { gif } from "./formats/gif.ts";
import { heic } from "./formats/heic.ts";
import { jpeg } from "./formats/jpeg.ts";
import { png } from "./formats/png.ts";
import { tiff } from "./formats/tiff.ts";
import { webp } from "./formats/webp.ts";
import type { PictureInfo } from "./picture-info.ts";

const FORMATS = [jpeg, png, webp, avif, heic, gif, tiff, bmp] as const satisfies readonly Format[];

/** Path of a WASM binary in node_modules. A place that bundles the binaries has a table with each of them. */
export type CodecBinary = (typeof FORMATS)[number]["binaries"][number];

export const formats: readonly Format[] = FORMATS;

/** @param type a MIME type that `sniff` gave */
export function formatOf(type: string): Format {
  const format = formats.find((one) => one.type === type);
  if (!format) throw new RangeError(`expected the type of a known format, got ${type}`);
  return format;
}

/** Whether a changed picture is written in its own format and without loss. */
export function keepsWithoutLoss(info: PictureInfo): boolean {
  return writtenFormat(info) === formatOf(info.type) && (info.type === png.type || info.lossless === true);
}

/** The format in which a changed picture is written: its own, or the one that takes its place. */
export function writtenFormat(info: PictureInfo): Format {
  const format = formatOf(info.type);
  return format.writtenAs ? formatOf(format.writtenAs(info)) : format;
}
