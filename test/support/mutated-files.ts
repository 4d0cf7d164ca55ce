/**
 * Files that nobody would write: small pictures of every format that is read, with bytes changed, parts cut off, left out or doubled,
 * or noise behind their beginning. For the property tests of the codecs and for `npm run fuzz`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { ROOT } from "../../scripts/lib/root.ts";
import { concat } from "../../src/core/codecs/bytes.ts";
import * as make from "../unit/core/codecs/pictures.ts";

const picture = make.scene(48, 33);
const clear = make.scene(48, 33, { alpha: true });

const fixture = (name: string) =>
  readFile(join(ROOT, "test/fixtures/formats", name)).then((file) => new Uint8Array(file));

/** The files that the others are made from, by format. The last GIF's frame is not whole. */
export const wholeFiles: readonly MutatedFile[] = await Promise.all(
  Object.entries({
    JPEG: [
      make
        .jpeg(picture)
        .then((file) => make.withSegments(file, make.exif(6), ...make.iccSegments(make.profile(600)))),
      make.jpeg(picture, { progressive: true }),
      make.jpeg(picture, { color_space: 1 }),
      make.fourComponentJpeg([picture, picture, picture, picture], 0),
    ],
    PNG: [
      make.pngOf(picture, 2),
      make.png({
        width: 48,
        height: 33,
        colourType: 6,
        bitDepth: 16,
        interlaced: true,
        sample: (x, y, c) => 900 * x + y + c,
      }),
    ],
    WebP: [make.webp(picture), make.webp(clear), make.webp(clear, { lossless: 1 })],
    AVIF: [fixture("full-chroma.avif")],
    HEIC: [fixture("phone.heic")],
    TIFF: [fixture("predicted.tif"), fixture("deflate.tif")],
    BMP: [fixture("few.bmp")],
    GIF: [fixture("interlaced.gif"), make.gif(1)],
  }).flatMap(([format, files]) => files.map(async (bytes) => ({ format, bytes: await bytes }))),
);

export interface MutatedFile {
  /** Of the file that it was made from. */
  readonly format: string;
  readonly bytes: make.Bytes;
}

const anyFile = fc.constantFrom(...wholeFiles);
/** A position in a file, as a share of its length. Most doubles from 0 to 1 are so small that they all mean the first byte. */
const position = fc.nat({ max: 999_999 }).map((millionths) => millionths / 1e6);

/** Some bytes changed, of the first `within`. */
function changed(maxLength: number, within = Number.POSITIVE_INFINITY): fc.Arbitrary<MutatedFile> {
  const changes = fc.array(fc.tuple(position, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength });
  return fc.tuple(anyFile, changes).map(([{ format, bytes }, list]) => {
    const copy = bytes.slice();
    for (const [share, value] of list) copy[Math.floor(share * Math.min(within, copy.length))] = value;
    if (format === "PNG" && list.length % 2 === 1) repairChecksums(copy);
    return { format, bytes: copy };
  });
}

/** Without it, the checksums would give every change of a PNG away before anything else is read. */
function repairChecksums(png: make.Bytes): void {
  const view = new DataView(png.buffer);
  for (let at = 8; at + 12 <= png.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > png.length) return;
    view.setUint32(end, crc32(png.subarray(at + 4, end)));
    at = end + 4;
  }
}

/** What can be done to a file. */
export const mutations = {
  changedAnywhere: changed(12),
  changedInHeaders: changed(4, 200),
  /** By more than the end marker and the padding, which alone may be missing. */
  cutOff: fc
    .tuple(anyFile, position)
    .map(([{ format, bytes }, share]) => ({ format, bytes: bytes.slice(0, share * (bytes.length - 3)) })),
  leftOutOrDoubled: fc.tuple(anyFile, position, position).map(([{ format, bytes }, a, b]) => ({
    format,
    bytes: concat([bytes.subarray(0, a * bytes.length), bytes.subarray(b * bytes.length)]),
  })),
  noise: fc
    .tuple(
      fc.constantFrom(...wholeFiles.map(({ format, bytes }) => ({ format, bytes: bytes.slice(0, 30) })), {
        format: "none",
        bytes: new Uint8Array(0),
      }),
      fc.uint8Array({ maxLength: 3000 }),
    )
    .map(([{ format, bytes }, noise]) => ({ format, bytes: concat([bytes, noise]) })),
} as const satisfies Readonly<Record<string, fc.Arbitrary<MutatedFile>>>;
