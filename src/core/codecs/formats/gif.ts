/** Still GIFs, which become PNGs. Layout: GIF89a specification, sections 18 to 26. */
import type { Pixels } from "../../contract/pixels.ts";
import { type Damage, Problem } from "../../contract/problem.ts";
import { ascii, concat, viewOf } from "../bytes.ts";
import { corruptPicture, type Format } from "../format.ts";
import { undoLzw } from "../lzw.ts";
import type { PictureInfo } from "../picture-info.ts";

const GIF = { type: "image/gif", name: "GIF", extension: "gif" } as const;

export const gif = {
  ...GIF,
  binaries: [],
  // A code of 12 bits for a string that fills the whole table.
  mostPixelsPerByte: (4096 * 8) / 12,
  matches: (bytes) => /^GIF8[79]a/.test(ascii(bytes, 0, 6)),
  readHeader,
  writtenAs: () => "image/png",
  decode,
} as const satisfies Format;

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  /** Three bytes a colour. */
  readonly palette: Uint8Array;
  /** Index of the colour that is fully transparent, -1 for none. */
  readonly transparent: number;
  readonly codeBits: number;
  readonly data: readonly Uint8Array[];
}

const corrupt = (damage: Damage) => corruptPicture(GIF, damage);

const paletteSize = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/**
 * The only frame.
 * @throws Problem `animated` when there is a second one
 */
function readFrame(bytes: Uint8Array): Frame {
  let at = 13 + paletteSize(bytes[10] ?? 0);
  const palette = bytes.subarray(13, at);
  let frame: Frame | undefined;
  let transparent = -1;
  while (at < bytes.length && bytes[at] !== 0x3b) {
    const block = bytes[at];
    if (block === 0x21) {
      const { parts, end } = readBlocks(bytes, at + 2);
      const [control] = parts;
      if (bytes[at + 1] === 0xf9 && control?.length === 4)
        transparent = (control[0] as number) & 1 ? (control[3] as number) : -1;
      at = end;
    } else if (block === 0x2c) {
      if (frame) throw new Problem({ code: "animated", format: GIF.name });
      const head = bytes.subarray(at, at + 10);
      const flags = head[9];
      if (flags === undefined) throw corrupt("description-cut-off");
      const start = at + 10 + paletteSize(flags);
      const { parts, end } = readBlocks(bytes, start + 1);
      const view = viewOf(head);
      frame = {
        left: view.getUint16(1, true),
        top: view.getUint16(3, true),
        width: view.getUint16(5, true),
        height: view.getUint16(7, true),
        interlaced: (flags & 0x40) !== 0,
        palette: flags & 0x80 ? bytes.subarray(at + 10, start) : palette,
        transparent,
        codeBits: bytes[start] as number,
        data: parts,
      };
      at = end;
    } else break;
  }
  if (!frame) throw corrupt("no-picture");
  if (frame.palette.length === 0) throw corrupt("palette-missing");
  if (frame.codeBits < 1 || frame.codeBits > 8) throw corrupt("description-wrong");
  return frame;
}

/** The blocks up to the empty one. */
function readBlocks(bytes: Uint8Array, from: number): { parts: Uint8Array[]; end: number } {
  const parts: Uint8Array[] = [];
  let at = from;
  for (let size = bytes[at++]; size; size = bytes[at++]) {
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  if (at > bytes.length) throw corrupt("end-missing");
  return { parts, end: at };
}

function readHeader(bytes: Uint8Array): PictureInfo {
  if (bytes.length < 13) throw corrupt("size-missing");
  const frame = readFrame(bytes);
  const { palette, transparent, left, top } = frame;
  if (frame.width === 0 || frame.height === 0) throw new Problem({ code: "corrupt/no-pixels" });
  const view = viewOf(bytes);
  // As browsers do, where a picture reaches beyond the screen for which it is meant.
  const width = Math.max(view.getUint16(6, true), left + frame.width);
  const height = Math.max(view.getUint16(8, true), top + frame.height);
  const alpha = transparent >= 0 || width > frame.width || height > frame.height;
  const grey = palette.every((value, i) => value === palette[i - (i % 3)]);
  return {
    type: GIF.type,
    width,
    height,
    orientation: 1,
    grey,
    alpha,
    components: grey ? (alpha ? 2 : 1) : alpha ? 4 : 3,
    bitDepth: 8,
  };
}

/** First row and distance of rows of the four passes. */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

function* rowsOf({ height, interlaced }: Frame): Generator<number> {
  for (const [first, step] of interlaced ? PASSES : ([[0, 1]] as const))
    for (let y = first; y < height; y += step) yield y;
}

async function decode(bytes: Uint8Array, { width, height }: PictureInfo): Promise<Pixels> {
  const frame = readFrame(bytes);
  const { palette, transparent } = frame;
  const indices = new Uint8Array(frame.width * frame.height);
  const given = undoLzw(concat(frame.data), indices, { bits: frame.codeBits, tiff: false });
  if (given < indices.length) throw corrupt("part-missing");
  const data = new Uint8ClampedArray(4 * width * height);
  let from = 0;
  for (const y of rowsOf(frame)) {
    let to = 4 * ((frame.top + y) * width + frame.left);
    for (let x = 0; x < frame.width; x++, to += 4) {
      const index = indices[from++] as number;
      data[to] = palette[3 * index] ?? 0;
      data[to + 1] = palette[3 * index + 1] ?? 0;
      data[to + 2] = palette[3 * index + 2] ?? 0;
      data[to + 3] = index === transparent ? 0 : 255;
    }
  }
  return { width, height, data };
}
