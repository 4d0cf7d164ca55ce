/**
 * The RIFF chunks of a WebP: reads the headers, and adds an ICC profile. Layout:
 * developers.google.com/speed/webp/docs/riff_container, RFC 9649.
 */

import { type Damage, Problem } from "../../contract/problem.ts";
import { ascii, concat, viewOf } from "../bytes.ts";
import { corruptPicture } from "../format.ts";
import { cleanProfile } from "../icc.ts";
import type { PictureInfo } from "../picture-info.ts";

export const WEBP = { type: "image/webp", name: "WebP", extension: "webp" } as const;

const FLAG_ANIMATION = 0x02;
const FLAG_ALPHA = 0x10;
const FLAG_ICC = 0x20;

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  readonly whole: Uint8Array;
}

const corrupt = (damage: Damage) => corruptPicture(WEBP, damage);

/**
 * The chunks in order.
 * @throws Problem `corrupt` where one is cut off
 */
function* chunks(bytes: Uint8Array): Generator<Chunk> {
  const view = viewOf(bytes);
  const limit = Math.min(bytes.length, view.getUint32(4, true) + 8);
  for (let at = 12; at + 8 <= limit; ) {
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size;
    if (end > bytes.length) throw corrupt("end-missing");
    const padded = Math.min(end + (size & 1), bytes.length);
    yield {
      type: ascii(bytes, at, 4),
      data: bytes.subarray(at + 8, end),
      whole: bytes.subarray(at, padded),
    };
    at = end + (size & 1);
  }
}

/** Width, height and alpha from the head of a VP8L stream. */
function readLossless(data: Uint8Array): { width: number; height: number; alpha: boolean } {
  if (data.length < 5 || data[0] !== 0x2f) throw corrupt("description-wrong");
  const bits = viewOf(data).getUint32(1, true);
  return {
    width: (bits & 0x3fff) + 1,
    height: ((bits >>> 14) & 0x3fff) + 1,
    alpha: ((bits >>> 28) & 1) === 1,
  };
}

/** Width and height from the head of a VP8 key frame. */
function readLossy(data: Uint8Array): { width: number; height: number } {
  if (data.length < 10 || data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a)
    throw corrupt("description-wrong");
  const view = viewOf(data);
  return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
}

/** Reads all chunks of a WebP, and so also notices missing ones. */
export function readWebpHeader(bytes: Uint8Array): PictureInfo {
  if (bytes.length < 20) throw corrupt("end-missing");
  if (viewOf(bytes).getUint32(4, true) + 8 > bytes.length) throw corrupt("end-missing");
  let alpha = false;
  let icc: Uint8Array<ArrayBuffer> | undefined;
  let size: { width: number; height: number } | undefined;
  let lossless = false;
  for (const { type, data } of chunks(bytes)) {
    if (type === "VP8X" && data.length >= 10) {
      if ((data[0] ?? 0) & FLAG_ANIMATION) throw new Problem({ code: "animated", format: "WebP" });
    } else if (type === "ICCP") icc = cleanProfile(data);
    else if (type === "ALPH") alpha = true;
    else if (type === "VP8 ") size ??= readLossy(data);
    else if (type === "VP8L" && !size) {
      const head = readLossless(data);
      size = head;
      lossless = true;
      alpha = head.alpha;
    }
  }
  if (!size) throw corrupt("no-picture");
  return {
    type: WEBP.type,
    ...size,
    // Browsers show a WebP as it is stored, whatever orientation its EXIF has.
    orientation: 1,
    grey: false,
    alpha,
    components: alpha ? 4 : 3,
    bitDepth: 8,
    lossless,
    ...(icc && { icc }),
  };
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + data.length + (data.length & 1));
  for (let i = 0; i < 4; i++) bytes[i] = type.charCodeAt(i);
  viewOf(bytes).setUint32(4, data.length, true);
  bytes.set(data, 8);
  return bytes;
}

/** A newly encoded WebP with a profile added, which needs the extended layout (VP8X first). */
export function withIcc(webp: Uint8Array<ArrayBuffer>, icc: Uint8Array): Uint8Array<ArrayBuffer> {
  const { width, height, alpha } = readWebpHeader(webp);
  const extended = new Uint8Array(10);
  extended[0] = FLAG_ICC | (alpha ? FLAG_ALPHA : 0);
  const view = viewOf(extended);
  // Two 24-bit numbers. The first write is a byte too long, and the next one overwrites that byte.
  view.setUint32(4, width - 1, true);
  view.setUint16(7, (height - 1) & 0xffff, true);
  extended[9] = (height - 1) >> 16;
  const picture = [...chunks(webp)].filter(({ type }) => type !== "VP8X").map(({ whole }) => whole);
  const body = concat([chunk("VP8X", extended), chunk("ICCP", icc), ...picture]);
  const head = chunk("RIFF", new Uint8Array(4));
  viewOf(head).setUint32(4, body.length + 4, true);
  head.set([0x57, 0x45, 0x42, 0x50], 8);
  return concat([head, body]);
}
