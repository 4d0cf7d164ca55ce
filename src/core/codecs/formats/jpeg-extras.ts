/**
 * What a JPEG says beside its picture: its size in print, further pictures behind the first, and a gain map for HDR
 * screens. Layout: JFIF 1.02; CIPA DC-007 (MPF); ISO 21496-1, Adobe's and Apple's gain maps.
 */
import { ascii, viewOf } from "../bytes.ts";
import { densityOf, perInch, readDensity } from "../density.ts";
import { byteOrderOf, firstDirectory, readDirectory } from "../ifd.ts";
import type { Density, PictureInfo } from "../picture-info.ts";
import { headerSegments } from "./jpeg-header.ts";

const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;

/** In the text of XMP or the name of a segment; Apple's is in that of the second picture. */
const GAIN_MAP = /ns\.adobe\.com\/hdr-gain-map|hdrgainmap|urn:iso:std:iso:ts:21496/i;
/** Bytes at the beginning of a second picture in which its XMP stands. */
const HEAD = 2 ** 16;

export function readJpegExtras(bytes: Uint8Array): Pick<PictureInfo, "density" | "extras"> {
  let density: Density | undefined;
  let gainMap = false;
  let others: Uint8Array[] = [];
  for (const { marker, data } of headerSegments(bytes)) {
    const name = ascii(data, 0, 5);
    if (marker === APP0 && name === "JFIF\0") density = readJfif(data) ?? density;
    else if (marker === APP1 && name === "Exif\0") density ??= readDensity(data.subarray(6));
    else if (marker === APP2 && ascii(data, 0, 4) === "MPF\0") others = readOthers(bytes, data.subarray(4));
    if (marker === APP1 || marker === APP2) gainMap ||= GAIN_MAP.test(textOf(data));
  }
  const maps = others.filter((picture) => GAIN_MAP.test(textOf(picture.subarray(0, HEAD)))).length;
  gainMap ||= maps > 0;
  // Where the first picture says that there is a map, it is the second one.
  const further = others.length - Math.max(maps, gainMap ? 1 : 0) > 0;
  const extras = [...(further ? ["second-picture" as const] : []), ...(gainMap ? ["gain-map" as const] : [])];
  return { ...(density && { density }), ...(extras.length > 0 && { extras }) };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, HEAD));
}

function readJfif(data: Uint8Array): Density | undefined {
  if (data.length < 12 || (data[7] !== 1 && data[7] !== 2)) return undefined;
  const view = viewOf(data);
  return densityOf(view.getUint16(8), view.getUint16(10), data[7] === 1 ? "inch" : "cm");
}

const MP_ENTRIES = 0xb002;
const ENTRY = 16;
/** The kinds of pictures that are small copies of the first, by the upper bits of their attribute. */
const PREVIEW = 0x010000;

/** The pictures behind the first one, without previews. */
function readOthers(bytes: Uint8Array, mpf: Uint8Array): Uint8Array[] {
  const little = byteOrderOf(mpf);
  const entries =
    little !== undefined && readDirectory(mpf, little, firstDirectory(mpf, little))?.get(MP_ENTRIES);
  if (!(entries instanceof Uint8Array)) return [];
  const view = viewOf(entries);
  const found: Uint8Array[] = [];
  for (let at = ENTRY; at + ENTRY <= entries.length; at += ENTRY) {
    const start = mpf.byteOffset - bytes.byteOffset + view.getUint32(at + 8, little as boolean);
    const size = view.getUint32(at + 4, little as boolean);
    if ((view.getUint32(at, little as boolean) & 0xff0000) === PREVIEW || start >= bytes.length) continue;
    found.push(bytes.subarray(start, start + size));
  }
  return found;
}

/** A newly encoded JPEG with a size in print, in whole pixels an inch. */
export function withDensity(
  jpeg: Uint8Array<ArrayBuffer>,
  density: Density | undefined,
): Uint8Array<ArrayBuffer> {
  if (!density || jpeg[3] !== APP0 || ascii(jpeg, 6, 5) !== "JFIF\0") return jpeg;
  const view = viewOf(jpeg);
  const PER_INCH = 1;
  jpeg[13] = PER_INCH;
  view.setUint16(14, Math.min(65_535, Math.max(1, perInch(density.across))));
  view.setUint16(16, Math.min(65_535, Math.max(1, perInch(density.down))));
  return jpeg;
}
