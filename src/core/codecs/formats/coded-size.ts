/**
 * The size that a coded picture itself declares, for which a decoder allocates memory whatever the file's boxes
 * say. Layout: AV1 Bitstream, sections 5.3 to 5.5; ITU-T H.265, sections 7.3.1 to 7.3.3.
 */
import { MAX_PIXELS } from "../../contract/pixels.ts";
import { Problem } from "../../contract/problem.ts";
import { corruptPicture, type Format } from "../format.ts";
import { type HeifFile, type HeifPicture, type Item, property, Reader } from "./heif-boxes.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Checks that the coded parts of a picture fill it, that none is much larger, and that it is not too large.
 * @throws Problem `corrupt`, `too-large`
 */
export function checkCodedSize(
  { coded, auxiliary, decoded }: HeifPicture,
  file: HeifFile,
  format: Pick<Format, "name">,
): void {
  const { width, height } = decoded;
  if (width * height > MAX_PIXELS) throw new Problem({ code: "too-large/picture", width, height });
  const known = new Map<Item, number>();
  const pixels = (item: Item) => {
    const size = known.get(item) ?? largestSize(item, file.dataOf(item));
    known.set(item, size);
    return size;
  };
  const parts = coded.map(pixels);
  // Encoders fill up to whole blocks, and a grid's tiles may reach beyond its edge.
  const most = 2 * width * height + SMALL;
  if ([...parts, ...auxiliary.map(pixels)].some((size) => size > most))
    throw corruptPicture(format, "description-wrong");
  if (parts.reduce((sum, size) => sum + size, 0) < width * height)
    throw corruptPicture(format, "part-missing");
}

/** In pixels: not worth a refusal. */
const SMALL = 2 ** 20;

/** In pixels; 0 if there is no size. */
function largestSize(item: Item, data: Uint8Array): number {
  return codedSizes(item, data).reduce((most, { width, height }) => Math.max(most, width * height), 0);
}

/** The sizes in all sequence headers of an AV1 or HEVC item. */
function codedSizes(item: Item, data: Uint8Array): Size[] {
  try {
    return item.type === "av01" ? av1Sizes(data) : hevcSizes(item, data);
  } catch (error) {
    // What cannot be read here, the decoder does not read either.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Reads numbers of any length, the highest bit first. */
class Bits {
  #at = 0;
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  /** @throws RangeError past the end */
  number(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new RangeError("past the end");
      value = 2 * value + ((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }
  /** Exponential-Golomb code, H.265 section 9.2. */
  golomb(): number {
    let zeros = 0;
    while (this.number(1) === 0) if (++zeros > 31) throw new RangeError("no such code");
    return 2 ** zeros - 1 + this.number(zeros);
  }
}

const SEQUENCE_HEADER = 1;

function av1Sizes(data: Uint8Array): Size[] {
  const sizes: Size[] = [];
  for (let at = 0; at < data.length; ) {
    const head = data[at++] as number;
    if (head & 4) at++;
    let length = data.length - at;
    if (head & 2) {
      length = 0;
      for (let i = 0; i < 8; i++) {
        const byte = data[at++] ?? 0;
        length += (byte & 127) * 2 ** (7 * i);
        if (byte < 128) break;
      }
    }
    if (((head >> 3) & 15) === SEQUENCE_HEADER) sizes.push(sequenceSize(data.subarray(at, at + length)));
    at += length;
  }
  return sizes;
}

function sequenceSize(header: Uint8Array): Size {
  const bits = new Bits(header);
  bits.number(4);
  if (bits.number(1)) bits.number(5);
  else skipOperatingPoints(bits);
  const [across, down] = [bits.number(4) + 1, bits.number(4) + 1];
  return { width: bits.number(across) + 1, height: bits.number(down) + 1 };
}

function skipOperatingPoints(bits: Bits): void {
  let delayBits = 0;
  let model = false;
  if (bits.number(1)) {
    bits.number(64);
    if (bits.number(1)) skipUvlc(bits);
    model = bits.number(1) === 1;
    if (model) {
      delayBits = bits.number(5) + 1;
      bits.number(32 + 10);
    }
  }
  const delays = bits.number(1);
  for (let left = bits.number(5) + 1; left > 0; left--) {
    bits.number(12);
    if (bits.number(5) > 7) bits.number(1);
    if (model && bits.number(1)) bits.number(2 * delayBits + 1);
    if (delays && bits.number(1)) bits.number(4);
  }
}

function skipUvlc(bits: Bits): void {
  let zeros = 0;
  while (bits.number(1) === 0) zeros++;
  if (zeros < 32) bits.number(zeros);
}

const SPS = 33;

/** From the header box, and from among the coded data, where later ones may stand. */
function hevcSizes(item: Item, data: Uint8Array): Size[] {
  const box = property(item, "hvcC");
  if (!box) return [];
  const sizes: Size[] = [];
  const take = (unit: Uint8Array) => {
    if ((((unit[0] ?? 0) >> 1) & 63) === SPS) sizes.push(spsSize(unit));
  };
  const header = new Reader(box);
  header.at = 22;
  for (let arrays = header.number(1); arrays > 0; arrays--) {
    header.number(1);
    for (let left = header.number(2); left > 0; left--) {
      const length = header.number(2);
      take(box.subarray(header.at, header.at + length));
      header.at += length;
    }
  }
  const lengthSize = ((box[21] ?? 3) & 3) + 1;
  for (let at = 0; at + lengthSize <= data.length; ) {
    let length = 0;
    for (let i = 0; i < lengthSize; i++) length = 256 * length + (data[at++] as number);
    take(data.subarray(at, at + length));
    at += length;
  }
  return sizes;
}

function spsSize(unit: Uint8Array): Size {
  // A 3 after two zeros is only there so that nothing looks like a start code.
  const bits = new Bits(
    unit.subarray(2, 400).filter((byte, i, all) => byte !== 3 || i < 2 || all[i - 1] || all[i - 2]),
  );
  bits.number(4);
  const layers = bits.number(3);
  bits.number(1 + 88 + 8);
  const present = Array.from({ length: layers }, () => [bits.number(1), bits.number(1)] as const);
  if (layers > 0) bits.number(2 * (8 - layers));
  for (const [profile, level] of present) bits.number(88 * profile + 8 * level);
  bits.golomb();
  if (bits.golomb() === 3) bits.number(1);
  return { width: bits.golomb(), height: bits.golomb() };
}
