/**
 * TIFF, which becomes PNG: greys, palettes, RGB and CMYK with up to 16 bits, in strips or tiles. Read here, since
 * the libraries (tiff, utif2) set no bound to what a compressed strip becomes and pass over damaged ones.
 */
import type { Pixels } from "../../contract/pixels.ts";
import { startsWith, viewOf } from "../bytes.ts";
import { corruptPicture, type Format } from "../format.ts";
import { undoLzw } from "../lzw.ts";
import { through } from "../zlib.ts";
import {
  type Colours,
  type Compression,
  type Piece,
  readTiff,
  TIFF,
  type TiffPicture,
} from "./tiff-header.ts";

export const tiff = {
  ...TIFF,
  binaries: [],
  matches: (bytes) => startsWith(bytes, [0x49, 0x49, 0x2a, 0]) || startsWith(bytes, [0x4d, 0x4d, 0, 0x2a]),
  readHeader: (bytes) => readTiff(bytes).info,
  writtenAs: () => "image/png",
  decode,
} as const satisfies Format;

async function decode(bytes: Uint8Array): Promise<Pixels> {
  const picture = readTiff(bytes);
  const { width, height } = picture.info;
  const data = new Uint8ClampedArray(4 * width * height);
  const rowBytes = Math.ceil((picture.pieceWidth * picture.samples * picture.bits) / 8);
  const put = createPut(picture);
  for (const piece of picture.pieces) {
    const rows = Math.min(picture.pieceHeight, height - piece.top);
    const plain = await unpack(piece, picture.compression, rowBytes * rows);
    if (picture.predicted) undoPrediction(plain, picture, rowBytes);
    const columns = Math.min(picture.pieceWidth, width - piece.left);
    const samples = createReader(plain, picture);
    for (let y = 0; y < rows; y++) {
      let to = 4 * ((piece.top + y) * width + piece.left);
      for (let x = 0; x < columns; x++, to += 4)
        put(data, to, (sample) => samples(y * rowBytes, x * picture.samples + sample));
    }
  }
  return { width, height, data };
}

/** @throws Problem `corrupt` when fewer bytes come out than are expected */
async function unpack({ bytes }: Piece, compression: Compression, size: number): Promise<Uint8Array> {
  if (compression === "deflate") {
    const plain = await inflate(bytes, size);
    if (plain.length < size) throw corruptPicture(TIFF, "part-missing");
    return plain;
  }
  const plain = new Uint8Array(size);
  let given = Math.min(size, bytes.length);
  if (compression === "none") plain.set(bytes.subarray(0, size));
  else if (compression === "lzw") given = undoLzw(bytes, plain, { bits: 8, tiff: true });
  else given = undoPackBits(bytes, plain);
  if (given < size) throw corruptPicture(TIFF, "part-missing");
  return plain;
}

/** Some writers fill the last strip up to the height of the others. */
async function inflate(bytes: Uint8Array, size: number): Promise<Uint8Array> {
  try {
    return await through(new DecompressionStream("deflate"), bytes.slice(), 2 * size + 2 ** 20);
  } catch (cause) {
    throw corruptPicture(TIFF, "part-missing", cause);
  }
}

/** @returns how many bytes were given */
function undoPackBits(bytes: Uint8Array, out: Uint8Array): number {
  let to = 0;
  for (let at = 0; at < bytes.length && to < out.length; ) {
    const count = bytes[at++] as number;
    if (count < 128) {
      const part = bytes.subarray(at, at + Math.min(count + 1, out.length - to));
      out.set(part, to);
      to += part.length;
      at += count + 1;
    } else if (count > 128) {
      out.fill(bytes[at++] ?? 0, to, to + 257 - count);
      to += 257 - count;
    }
  }
  return Math.min(to, out.length);
}

/** Samples are stored as differences from the pixel to the left. */
function undoPrediction(plain: Uint8Array, { bits, samples, little }: TiffPicture, rowBytes: number): void {
  const view = viewOf(plain);
  for (let row = 0; row + rowBytes <= plain.length; row += rowBytes) {
    if (bits === 8)
      for (let i = row + samples; i < row + rowBytes; i++)
        plain[i] = (plain[i] as number) + (plain[i - samples] as number);
    else
      for (let i = row + 2 * samples; i < row + rowBytes; i += 2)
        view.setUint16(i, view.getUint16(i, little) + view.getUint16(i - 2 * samples, little), little);
  }
}

/** Reads the sample of a number in a row as 0 to 255; in a palette, as it is. */
function createReader(plain: Uint8Array, { bits, little, colours }: TiffPicture) {
  if (bits === 8) return (row: number, i: number) => plain[row + i] as number;
  // The upper byte, as with PNGs of 16 bits.
  if (bits === 16) return (row: number, i: number) => plain[row + 2 * i + (little ? 1 : 0)] as number;
  const most = 2 ** bits - 1;
  const scale = colours === "palette" ? 1 : 255 / most;
  return (row: number, i: number) => {
    const place = i * bits;
    return (((plain[row + (place >> 3)] as number) >> (8 - bits - (place & 7))) & most) * scale;
  };
}

type Put = (data: Uint8ClampedArray, to: number, sample: (number: number) => number) => void;

/** Makes the function that turns the samples of a pixel into red, green, blue and alpha. */
function createPut({ colours, palette, alpha, bits }: TiffPicture): Put {
  const puts: Readonly<Record<Colours, Put>> = {
    "white-is-zero": (data, to, sample) => data.fill(255 - sample(0), to, to + 3),
    "black-is-zero": (data, to, sample) => data.fill(sample(0), to, to + 3),
    rgb: (data, to, sample) => {
      for (let i = 0; i < 3; i++) data[to + i] = sample(i);
    },
    palette(data, to, sample) {
      for (let i = 0; i < 3; i++) data[to + i] = (palette[i * 2 ** bits + sample(0)] as number) >> 8;
    },
    cmyk(data, to, sample) {
      for (let i = 0; i < 3; i++) data[to + i] = ((255 - sample(i)) * (255 - sample(3))) / 255;
    },
  };
  const putColours = puts[colours];
  return (data, to, sample) => {
    putColours(data, to, sample);
    const opacity = alpha ? sample(alpha.sample) : 255;
    data[to + 3] = opacity;
    if (alpha?.premultiplied && opacity > 0)
      for (let i = 0; i < 3; i++) data[to + i] = ((data[to + i] as number) * 255) / opacity;
  };
}
