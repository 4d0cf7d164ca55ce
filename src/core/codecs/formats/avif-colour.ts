/** Writes the colour space of the original into a newly encoded AVIF. */
import { ascii, concat, viewOf } from "../bytes.ts";
import type { PictureInfo } from "../picture-info.ts";

/**
 * Puts a profile, or primaries and transfer function, into the `colr` box. Knows only the layout that the encoder
 * writes: everything before the coded data, one `colr` box with numbers, places with four bytes from the file's start.
 */
export function withColour(
  avif: Uint8Array<ArrayBuffer>,
  { icc, cicp }: Pick<PictureInfo, "icc" | "cicp">,
): Uint8Array<ArrayBuffer> {
  const meta = find(avif, "meta", 0);
  const places = find(avif, "iloc", meta + 12);
  const properties = find(avif, "iprp", meta + 12);
  const list = find(avif, "ipco", properties + 8);
  const colour = find(avif, "colr", list + 8);
  const view = viewOf(avif);
  if (!icc) {
    if (cicp) {
      view.setUint16(colour + 12, cicp.primaries);
      view.setUint16(colour + 14, cicp.transfer);
    }
    return avif;
  }
  const end = colour + view.getUint32(colour);
  const box = new Uint8Array(12);
  viewOf(box).setUint32(0, 12 + icc.length);
  box.set(
    Array.from("colrprof", (letter) => letter.charCodeAt(0)),
    4,
  );
  const longer = 12 + icc.length - (end - colour);
  for (const outer of [meta, properties, list]) view.setUint32(outer, view.getUint32(outer) + longer);
  for (let at = places + 16, items = view.getUint16(places + 14); items > 0; items--) {
    const extents = view.getUint16(at + 4);
    at += 6;
    for (let i = 0; i < extents; i++, at += 8) view.setUint32(at, view.getUint32(at) + longer);
  }
  return concat([avif.subarray(0, colour), box, icc, avif.subarray(end)]);
}

/** Offset of the first box of a type, among those that follow one another from an offset on. */
function find(bytes: Uint8Array, type: string, from: number): number {
  const view = viewOf(bytes);
  for (let at = from; at + 8 <= bytes.length; at += Math.max(8, view.getUint32(at)))
    if (ascii(bytes, at + 4, 4) === type) return at;
  throw new Error(`the encoder wrote no box ${type}`);
}
