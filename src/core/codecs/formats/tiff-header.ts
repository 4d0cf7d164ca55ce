/** The first directory of a TIFF. Layout: TIFF 6.0, Adobe Photoshop TIFF Technical Notes; DNG 1.7. */
import { type Damage, Problem } from "../../contract/problem.ts";
import { ascii } from "../bytes.ts";
import { densityOfDirectory } from "../density.ts";
import { corruptPicture } from "../format.ts";
import { cleanProfile } from "../icc.ts";
import { byteOrderOf, type Directory, firstDirectory, readDirectory } from "../ifd.ts";
import type { Orientation, PictureInfo } from "../picture-info.ts";

export const TIFF = { type: "image/tiff", name: "TIFF", extension: "tif" } as const;

const TAGS = {
  kind: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  colours: 262,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  planes: 284,
  predictor: 317,
  palette: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileBytes: 325,
  extraSamples: 338,
  sampleFormat: 339,
  profile: 34675,
  dngVersion: 50706,
} as const;

/** How the numbers of a pixel are to be read. */
export type Colours = "white-is-zero" | "black-is-zero" | "rgb" | "palette" | "cmyk";
export type Compression = "none" | "lzw" | "deflate" | "packbits";

/** A rectangle of the picture that is compressed by itself. A strip is as wide as the picture. */
export interface Piece {
  readonly left: number;
  readonly top: number;
  readonly bytes: Uint8Array;
}

export interface TiffPicture {
  readonly info: PictureInfo;
  readonly little: boolean;
  readonly colours: Colours;
  readonly compression: Compression;
  /** Samples of a pixel, the unused ones too. */
  readonly samples: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly bits: number;
  readonly predicted: boolean;
  /** Which sample is alpha, and whether colours are multiplied by it. */
  readonly alpha?: { readonly sample: number; readonly premultiplied: boolean };
  /** Reds, then greens, then blues, with 16 bits each. */
  readonly palette: readonly number[] | Uint8Array;
  readonly pieceWidth: number;
  readonly pieceHeight: number;
  readonly pieces: readonly Piece[];
}

const corrupt = (damage: Damage) => corruptPicture(TIFF, damage);

const COMPRESSIONS: Readonly<Record<number, Compression>> = {
  1: "none",
  5: "lzw",
  8: "deflate",
  32946: "deflate",
  32773: "packbits",
};
const COLOURS: Readonly<Record<number, Colours>> = {
  0: "white-is-zero",
  1: "black-is-zero",
  2: "rgb",
  3: "palette",
  5: "cmyk",
};
/** How many bytes a compressed byte can become at most; LZW has strings of 4096 bytes for 12 bits. */
const MOST_GROWTH: Readonly<Record<Compression, number>> = {
  none: 1,
  packbits: 64,
  deflate: 1032,
  lzw: (4096 * 8) / 12,
};
/** Bits of {@link TAGS.kind}: a smaller copy of another picture. */
const REDUCED = 1;

/** @throws Problem `corrupt`, or `unsupported` for what cannot be read and for cameras' raw files */
export function readTiff(bytes: Uint8Array): TiffPicture {
  const little = byteOrderOf(bytes);
  const directory =
    little === undefined ? undefined : readDirectory(bytes, little, firstDirectory(bytes, little));
  if (little === undefined || !directory) throw corrupt("description-cut-off");
  if (isRaw(bytes, directory)) throw new Problem({ code: "unsupported/format", format: "raw" });
  const layout = readLayout(directory);
  const { width, height, samples, bits } = layout;
  const icc = directory.get(TAGS.profile);
  const profile = icc instanceof Uint8Array && layout.colours !== "cmyk" ? cleanProfile(icc) : undefined;
  const density = densityOfDirectory(directory);
  const orientation = directory.number(TAGS.orientation) ?? 1;
  const grey = layout.colours === "white-is-zero" || layout.colours === "black-is-zero";
  const alpha = layout.alpha !== undefined;
  return {
    ...layout,
    little,
    ...readPieces(bytes, directory, layout, Math.ceil((width * samples * bits) / 8)),
    info: {
      type: TIFF.type,
      width,
      height,
      orientation: (orientation >= 1 && orientation <= 8 ? orientation : 1) as Orientation,
      grey,
      alpha,
      components: grey ? (alpha ? 2 : 1) : alpha ? 4 : 3,
      bitDepth: bits,
      ...(hasFurtherPages(bytes, little, directory) && { extras: ["second-picture"] as const }),
      ...(profile && { icc: profile }),
      ...(density && { density }),
    },
  };
}

function isRaw(bytes: Uint8Array, directory: Directory): boolean {
  const CFA = 32803;
  return (
    directory.has(TAGS.dngVersion) ||
    ascii(bytes, 8, 2) === "CR" ||
    directory.number(TAGS.colours) === CFA ||
    // Raw files begin with a thumbnail; what is meant comes later.
    ((directory.number(TAGS.kind) ?? 0) & REDUCED) !== 0
  );
}

function readLayout(directory: Directory) {
  const number = (tag: number, usual: number) => directory.number(tag) ?? usual;
  const width = number(TAGS.width, 0);
  const height = number(TAGS.height, 0);
  const compression = COMPRESSIONS[number(TAGS.compression, 1)];
  const colours = COLOURS[number(TAGS.colours, -1)];
  const samples = number(TAGS.samples, 1);
  const bits = number(TAGS.bits, 1);
  const predictor = number(TAGS.predictor, 1);
  const least = { "white-is-zero": 1, "black-is-zero": 1, palette: 1, rgb: 3, cmyk: 4 };
  if (width < 1 || height < 1) throw corrupt("size-missing");
  if (!compression || predictor > 2)
    throw new Problem({ code: "unsupported/compression", format: TIFF.name });
  const readable =
    colours &&
    samples >= least[colours] &&
    samples <= 16 &&
    (directory.get(TAGS.bits) ?? [bits]).every((one) => one === bits) &&
    (bits === 8 || (bits === 16 && colours !== "palette") || ([1, 2, 4].includes(bits) && samples === 1)) &&
    (bits >= 8 || predictor === 1) &&
    number(TAGS.sampleFormat, 1) === 1 &&
    (samples === 1 || number(TAGS.planes, 1) === 1);
  if (!readable) throw new Problem({ code: "unsupported/colours", format: TIFF.name });
  const palette = directory.get(TAGS.palette) ?? [];
  if (colours === "palette" && palette.length < 3 * 2 ** bits) throw corrupt("palette-missing");
  // 1: colours are multiplied by it; 2: they are not; 0: it means something else.
  const extra = samples > least[colours] ? number(TAGS.extraSamples, 0) : 0;
  return {
    width,
    height,
    compression,
    colours,
    samples,
    bits,
    palette,
    predicted: predictor === 2,
    ...((extra === 1 || extra === 2) && { alpha: { sample: least[colours], premultiplied: extra === 1 } }),
  };
}

/** @param rowBytes bytes of a row of the whole picture, not compressed */
function readPieces(
  bytes: Uint8Array,
  directory: Directory,
  { width, height, samples, bits, compression }: ReturnType<typeof readLayout>,
  rowBytes: number,
): Pick<TiffPicture, "pieceWidth" | "pieceHeight" | "pieces"> {
  const tiled = directory.has(TAGS.tileWidth);
  const pieceWidth = tiled ? (directory.number(TAGS.tileWidth) ?? 0) : width;
  const pieceHeight = tiled
    ? (directory.number(TAGS.tileHeight) ?? 0)
    : Math.min(height, directory.number(TAGS.rowsPerStrip) ?? height);
  if (pieceWidth < 1 || pieceHeight < 1) throw corrupt("description-wrong");
  const offsets = directory.get(tiled ? TAGS.tileOffsets : TAGS.stripOffsets) ?? [];
  const sizes = directory.get(tiled ? TAGS.tileBytes : TAGS.stripBytes) ?? [];
  const across = Math.ceil(width / pieceWidth);
  const count = across * Math.ceil(height / pieceHeight);
  if (offsets.length < count) throw corrupt("part-missing");
  let held = 0;
  const pieces = Array.from({ length: count }, (_, i): Piece => {
    const top = Math.floor(i / across) * pieceHeight;
    const whole = Math.ceil((pieceWidth * samples * bits) / 8) * Math.min(pieceHeight, height - top);
    // Old files with one strip, not compressed, leave its size out.
    const size = sizes[i] ?? whole;
    const start = offsets[i] as number;
    if (start + size > bytes.length) throw corrupt("end-missing");
    held += size;
    return { left: (i % across) * pieceWidth, top, bytes: bytes.subarray(start, start + size) };
  });
  // Before anything of the declared size is allocated.
  const tileRow = Math.ceil((pieceWidth * samples * bits) / 8);
  if (
    rowBytes * height > held * MOST_GROWTH[compression] ||
    tileRow * pieceHeight > 4 * rowBytes * height + 2 ** 20
  )
    throw corrupt("part-missing");
  return { pieceWidth, pieceHeight, pieces };
}

/** Whether another picture follows that is no smaller copy. */
function hasFurtherPages(bytes: Uint8Array, little: boolean, first: Directory): boolean {
  const seen = new Set<number>();
  for (let at = first.next; at !== 0 && !seen.has(at); ) {
    seen.add(at);
    const page = readDirectory(bytes, little, at);
    if (!page) return false;
    if (((page.number(TAGS.kind) ?? 0) & REDUCED) === 0) return true;
    at = page.next;
  }
  return false;
}
