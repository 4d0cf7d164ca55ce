/**
 * Undoes LZW as GIF and TIFF use it. Both libraries that could read these files (omggif, tiff) leave out what a
 * damaged stream does not give, and set no bound to what it gives.
 */

/** What differs between the formats. */
export interface LzwKind {
  /** Bits of a literal: codes below two to this power stand for themselves. */
  readonly bits: number;
  /** TIFF: the first bit of a code is a byte's highest, and codes get longer one code earlier. */
  readonly tiff: boolean;
}

const LONGEST_CODE = 12;

/**
 * Fills `out`, and stops when it is full.
 * @returns how many of its bytes were given; fewer where the stream ends early or is damaged
 */
export function undoLzw(bytes: Uint8Array, out: Uint8Array, { bits, tiff }: LzwKind): number {
  const clear = 1 << bits;
  const codes = codesOf(bytes, tiff);
  // Each entry is the string of `previous` and one more byte; strings are written from their ends.
  const previous = new Uint16Array(1 << LONGEST_CODE);
  const last = new Uint8Array(1 << LONGEST_CODE);
  const length = new Uint16Array(1 << LONGEST_CODE).fill(1, 0, clear);
  for (let code = 0; code < clear; code++) last[code] = code;
  let size = clear + 2;
  let before = -1;
  let at = 0;
  while (at < out.length) {
    const code = codes(Math.min(LONGEST_CODE, 32 - Math.clz32(size + (tiff ? 1 : 0))));
    if (code === clear) {
      size = clear + 2;
      before = -1;
      continue;
    }
    if (code === clear + 1 || code < 0) break;
    if (before < 0 ? code >= clear : code > size) break;
    // The string that the encoder had only just added is the one before and its own first byte.
    const known = before < 0 || code < size;
    const from = known ? code : before;
    const end = at + (length[from] as number);
    let first = from;
    for (let to = end - 1, one = from; to >= at; to--, one = previous[one] as number) {
      out[to] = last[one] as number;
      first = one;
    }
    if (!known) out[end] = last[first] as number;
    if (before >= 0 && size < 1 << LONGEST_CODE) {
      previous[size] = before;
      last[size] = last[first] as number;
      length[size] = (length[before] as number) + 1;
      size++;
    }
    at = known ? end : end + 1;
    before = code;
  }
  return Math.min(at, out.length);
}

/** Reads codes of so many bits one after another; -1 at the end. */
function codesOf(bytes: Uint8Array, highestFirst: boolean): (bits: number) => number {
  let at = 0;
  let held = 0;
  let count = 0;
  return (bits) => {
    while (count < bits) {
      const byte = bytes[at++];
      if (byte === undefined) return -1;
      held = highestFirst ? (held << 8) | byte : held | (byte << count);
      count += 8;
    }
    count -= bits;
    const mask = (1 << bits) - 1;
    const code = highestFirst ? (held >>> count) & mask : held & mask;
    held = highestFirst ? held & ((1 << count) - 1) : held >>> bits;
    return code;
  };
}
