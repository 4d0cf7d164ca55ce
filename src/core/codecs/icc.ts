/**
 * ICC profiles without anything that does not define colours: a profile is a place in a file where a thumbnail
 * or a name could hide. Layout: ICC.1:2022, clause 7.
 */
import { ascii, concat, viewOf } from "./bytes.ts";

const HEADER = 128;
const ENTRY = 12;

/** Signatures of the tags that define colours, ICC.1 clause 9.2. */
const COLOUR_TAGS =
  /^([rgb]XYZ|[rgbk]TRC|wtpt|bkpt|lumi|chad|chrm|cicp|gamt|A2B[0-2]|B2A[0-2]|D2B[0-3]|B2D[0-3])$/;

/** Tags with words that readers require, as long as they are short. */
const WORDS = /^(desc|cprt)$/;
const MOST_WORDS = 256;

interface Tag {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/**
 * Builds a profile anew from its header and the tags that define colours.
 *
 * @returns `undefined` for bytes that are no profile
 */
export function cleanProfile(icc: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const tags = tagsOf(icc)?.filter(
    ({ name, size }) => COLOUR_TAGS.test(name) || (WORDS.test(name) && size <= MOST_WORDS),
  );
  if (!tags?.length) return undefined;
  const table = new Uint8Array(4 + ENTRY * tags.length);
  const view = viewOf(table);
  view.setUint32(0, tags.length);
  const parts: Uint8Array[] = [icc.slice(0, HEADER), table];
  let end = HEADER + table.length;
  /** Tags may share their data. */
  const places = new Map<number, number>();
  for (const [i, { name, start, size }] of tags.entries()) {
    const place = places.get(start) ?? end;
    if (place === end) {
      const data = new Uint8Array(Math.ceil(size / 4) * 4);
      data.set(icc.subarray(start, start + size));
      parts.push(data);
      end += data.length;
    }
    places.set(start, place);
    table.set(
      Uint8Array.from(name, (letter) => letter.charCodeAt(0)),
      4 + ENTRY * i,
    );
    view.setUint32(8 + ENTRY * i, place);
    view.setUint32(12 + ENTRY * i, size);
  }
  const profile = concat(parts);
  viewOf(profile).setUint32(0, profile.length);
  // The profile's identity, a checksum of what it was, and bytes that are reserved.
  profile.fill(0, 84, HEADER);
  return profile;
}

/** All tags; `undefined` if the bytes are no profile or its table points outside of it. */
function tagsOf(icc: Uint8Array): Tag[] | undefined {
  if (icc.length < HEADER + 4 || ascii(icc, 36, 4) !== "acsp") return undefined;
  const view = viewOf(icc);
  const length = Math.min(view.getUint32(0), icc.length);
  const count = view.getUint32(HEADER);
  if (HEADER + 4 + ENTRY * count > length) return undefined;
  const tags = Array.from({ length: count }, (_, i) => {
    const at = HEADER + 4 + ENTRY * i;
    return { name: ascii(icc, at, 4), start: view.getUint32(at + 4), size: view.getUint32(at + 8) };
  });
  return tags.every(({ start, size }) => start >= HEADER && start + size <= length) ? tags : undefined;
}
