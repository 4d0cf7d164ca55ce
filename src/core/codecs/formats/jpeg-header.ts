/**
 * The marker segments of a JPEG: reads the headers, removes what a decoder does not need, and adds an ICC
 * profile. Layout: ITU-T T.81 Annex B; ICC in APP2: ICC.1 Annex B.4; Adobe's APP14: TN 5116.
 */

import { type Damage, Problem } from "../../contract/problem.ts";
import { ascii, concat, viewOf } from "../bytes.ts";
import { readOrientation } from "../exif.ts";
import { corruptPicture } from "../format.ts";
import { cleanProfile } from "../icc.ts";
import type { Orientation, PictureInfo, Subsampling } from "../picture-info.ts";

export const JPEG = { type: "image/jpeg", name: "JPEG", extension: "jpg" } as const;

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const COM = 0xfe;

const ICC_PREFIX = "ICC_PROFILE\0";
const EXIF_PREFIX = "Exif\0\0";
/** Payload of one APP2: 65535 minus the length field, the prefix and the two counters. */
const ICC_CHUNK = 65_519;

/** The luminance table of T.81 Annex K.1, which libjpeg scales by its quality. */
// biome-ignore format: a table
const LUMINANCE = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87,
  80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92,
  95, 98, 112, 100, 103, 99,
];

interface Segment {
  readonly marker: number;
  /** Offset of the marker's 0xFF. */
  readonly start: number;
  /** The segment's contents, without marker and length. */
  readonly data: Uint8Array;
  /** Just after the segment; for a scan, just after its coded data. */
  readonly end: number;
}

const corrupt = (damage: Damage) => corruptPicture(JPEG, damage);

/** True for SOF0..SOF15 without the three markers of that range that mean something else. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/**
 * The end of a scan's coded data: the next marker that is neither stuffing nor a restart, or the end of the
 * bytes.
 */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) return at;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

/** The segments in order, up to and including the end-of-image marker, or to the end of the bytes. */
function* segments(bytes: Uint8Array): Generator<Segment> {
  const view = viewOf(bytes);
  let at = 2;
  while (at < bytes.length) {
    const start = bytes.indexOf(0xff, at);
    if (start === -1) return;
    at = start;
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) return;
    if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= SOI)) continue;
    if (marker === EOI) {
      yield { marker, start: at - 2, data: bytes.subarray(at, at), end: at };
      return;
    }
    if (at + 2 > bytes.length) return;
    const length = view.getUint16(at);
    const end = at + length;
    if (length < 2 || end > bytes.length) return;
    const data = bytes.subarray(at + 2, end);
    at = marker === SOS ? endOfScan(bytes, end) : end;
    yield { marker, start, data, end: at };
  }
}

/** A luminance table, as far as the quality depends on it. */
interface Table {
  /** Of all entries. */
  readonly sum: number;
  /** Whether entries have 16 bits. */
  readonly wide: boolean;
}

/**
 * The quality from 1 to 100 at which libjpeg's scaled luminance table has the sum nearest to the given one.
 */
function estimateQuality(table: Table): number {
  const most = table.wide ? 32_767 : 255;
  let best = 1;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (let quality = 1; quality <= 100; quality++) {
    const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
    let sum = 0;
    for (const entry of LUMINANCE) sum += Math.min(most, Math.max(1, Math.floor((entry * scale + 50) / 100)));
    const distance = Math.abs(sum - table.sum);
    if (distance <= bestDistance) {
      best = quality;
      bestDistance = distance;
    }
  }
  return best;
}

/** Table 0, by convention the luminance table; undefined when the segment lacks it. */
function tableZero(data: Uint8Array): Table | undefined {
  for (let at = 0; at < data.length; ) {
    const head = data[at] ?? 0;
    const wide = head >> 4 !== 0;
    const size = wide ? 128 : 64;
    const entries = data.subarray(at + 1, at + 1 + size);
    if (entries.length < size) return undefined;
    if ((head & 15) === 0)
      return {
        sum: entries.reduce((sum, value, i) => sum + (wide && i % 2 === 0 ? 256 * value : value), 0),
        wide,
      };
    at += 1 + size;
  }
  return undefined;
}

function readSubsampling(frame: Uint8Array): Subsampling {
  const luma = frame[7] ?? 0x11;
  const chroma = frame[10] ?? 0x11;
  const across = (luma >> 4) / (chroma >> 4);
  const down = (luma & 15) / (chroma & 15);
  const names: Record<string, Subsampling> = {
    "1x1": "4:4:4",
    "2x1": "4:2:2",
    "1x2": "4:4:0",
    "2x2": "4:2:0",
    "4x1": "4:1:1",
  };
  return names[`${across}x${down}`] ?? "other";
}

/**
 * The profile from its numbered APP2 parts; undefined when one is missing, in which case readers must ignore
 * the profile.
 */
function assembleIcc(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> | undefined {
  const first = parts[0];
  if (!first || first[13] !== parts.length) return undefined;
  const sorted = [...parts].sort((a, b) => (a[12] ?? 0) - (b[12] ?? 0));
  if (sorted.some((part, i) => part[12] !== i + 1)) return undefined;
  return concat(sorted.map((part) => part.subarray(14)));
}

/** Reads the headers of a JPEG up to its first scan. */
export function readJpegHeader(bytes: Uint8Array): PictureInfo {
  let frame: Uint8Array | undefined;
  let frameMarker = 0;
  let orientation: Orientation | undefined;
  let luminance: Table | undefined;
  let scan = false;
  const iccParts: Uint8Array[] = [];
  for (const { marker, data } of headerSegments(bytes)) {
    if (marker === SOS) scan = true;
    else if (marker === EOI) break;
    else if (marker === APP1 && ascii(data, 0, 6) === EXIF_PREFIX)
      orientation ??= readOrientation(data.subarray(6));
    else if (marker === APP2 && data.length > 14 && ascii(data, 0, 12) === ICC_PREFIX) iccParts.push(data);
    else if (marker === DQT) luminance ??= tableZero(data);
    else if (isFrame(marker)) {
      if (frame) throw corrupt("two-pictures");
      frame = data;
      frameMarker = marker;
    }
  }
  if (!frame || frame.length < 6) throw corrupt("size-missing");
  if (!scan) throw corrupt("ends-early");
  if (frameMarker > 0xc2) throw new Problem({ code: "unsupported/compression", format: JPEG.name });
  const bitDepth = frame[0] ?? 0;
  const components = frame[5] ?? 0;
  if (bitDepth !== 8 || (components !== 1 && components !== 3 && components !== 4))
    throw new Problem({ code: "unsupported/colours", format: JPEG.name });
  if (frame.length < 6 + 3 * components) throw corrupt("description-cut-off");
  const view = viewOf(frame);
  const embedded = assembleIcc(iccParts);
  const icc = embedded && cleanProfile(embedded);
  return {
    type: JPEG.type,
    width: view.getUint16(3),
    height: view.getUint16(1),
    orientation: orientation ?? 1,
    grey: components === 1,
    alpha: false,
    components,
    bitDepth,
    progressive: frameMarker === 0xc2,
    ...(icc && { icc }),
    ...(luminance && { quality: estimateQuality(luminance) }),
    ...(components > 1 && { subsampling: readSubsampling(frame) }),
  };
}

/** The segments up to and including the first scan's header, without looking for the scan's end. */
export function* headerSegments(bytes: Uint8Array): Generator<Segment> {
  for (const segment of segments(bytes)) {
    yield segment;
    if (segment.marker === SOS) return;
  }
}

/**
 * The stream without metadata, thumbnails and anything after the picture, which a decoder does not need.
 * `complete` is false when the end-of-image marker is missing; it is then added, so that a decoder warns
 * only if coded data is missing too.
 */
export function bareJpeg(bytes: Uint8Array): {
  bytes: Uint8Array<ArrayBuffer>;
  complete: boolean;
  scans: number;
} {
  const parts: Uint8Array[] = [bytes.subarray(0, 2)];
  let scans = 0;
  let complete = false;
  for (const { marker, start, data, end } of segments(bytes)) {
    if (marker === EOI) complete = true;
    else if (marker === SOS) scans++;
    const metadata = marker === COM || (marker >= APP0 && marker <= 0xef);
    const colour =
      (marker === APP0 && ascii(data, 0, 5) === "JFIF\0") ||
      (marker === APP14 && ascii(data, 0, 5) === "Adobe");
    if (!metadata || colour) parts.push(bytes.subarray(start, end));
  }
  if (!complete) parts.push(Uint8Array.of(0xff, EOI));
  return { bytes: concat(parts), complete, scans };
}

/** A newly encoded JPEG with a profile added, in numbered parts, after the JFIF segment. */
export function withIcc(jpeg: Uint8Array<ArrayBuffer>, icc: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = Math.ceil(icc.length / ICC_CHUNK);
  if (count === 0 || count > 255) return jpeg;
  const after = jpeg[3] === APP0 ? 4 + viewOf(jpeg).getUint16(4) : 2;
  const parts: Uint8Array[] = [jpeg.subarray(0, after)];
  for (let i = 0; i < count; i++) {
    const chunk = icc.subarray(i * ICC_CHUNK, (i + 1) * ICC_CHUNK);
    const length = chunk.length + 16;
    const prefix = [...ICC_PREFIX].map((letter) => letter.charCodeAt(0));
    parts.push(Uint8Array.of(0xff, APP2, length >> 8, length & 255, ...prefix, i + 1, count), chunk);
  }
  parts.push(jpeg.subarray(after));
  return concat(parts);
}
