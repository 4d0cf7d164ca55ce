/** Pictures as Chromium shows them, and as the library decodes them. */
import { expect, test } from "vitest";
import { concat } from "../../src/core/codecs/bytes.ts";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { useChromium } from "../support/bench.ts";
import * as make from "../unit/core/codecs/pictures.ts";

const bench = useChromium();

// Without a profile, by which Chromium would convert the colours, and without half transparent pixels, which a canvas rounds.
test.each([
  "full-chroma.avif",
  "grey.avif",
  ...[2, 3, 4, 5, 6, 7, 8].map((value) => `turned-${value}.avif`),
  "colour.bmp",
  "palette.bmp",
  "few.bmp",
  "bits.bmp",
  "few.gif",
  "interlaced.gif",
])("Chromium shows %s as it is protected", async (name) => {
  const { bytes } = await bench.samples.fixture(name);
  expect(await differenceFromChromium(bytes)).toBeLessThanOrEqual(name.endsWith(".avif") ? 4 : 0);
});

// Chromium 150 shows nothing of a BMP whose alpha is zero everywhere, later versions show its colours, as Penumbra does.
const sameInAllVersions = Object.entries(make.rareBmps()).filter(
  ([name]) => !name.includes("alpha of zeros"),
);

test.each(sameInAllVersions)("Chromium shows a BMP of %s as it is protected", async (_, bytes) => {
  // Of five bits, decoders make eight in two ways.
  expect(await differenceFromChromium(bytes)).toBeLessThanOrEqual(1);
});

/** EXIF with the orientation as a number of 32 bits, which is not as the standard has it. */
function longTiff(orientation: number, little: boolean) {
  const bytes = make.tiff(orientation, little);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 4, little);
  view.setUint32(18, orientation, little);
  return bytes;
}

/** EXIF in which the orientation is two numbers. */
function twoOrientations() {
  const bytes = make.tiff(6);
  new DataView(bytes.buffer).setUint32(14, 2, true);
  return bytes;
}

const picture = make.scene(48, 32);
// Without fewer colour values than pixels, which decoders enlarge in different ways.
const jpeg = await make.jpeg(picture, { auto_subsample: false, chroma_subsample: 1, quality: 95 });
const webpChunk = make.riffChunks(await make.webp(picture, { lossless: 1 }))[0] as {
  type: string;
  data: Uint8Array;
};
const pngChunks = make.pngChunks(make.pngOf(picture, 2));

const inJpeg = (tiff: Uint8Array) =>
  make.withSegments(jpeg, make.segment(0xe1, concat([make.text("Exif\0\0"), tiff])));
const inWebp = (exif: Uint8Array, flags = 0x08) =>
  make.riff(
    make.riffChunk("VP8X", make.extended(flags, 48, 32)),
    make.riffChunk(webpChunk.type, webpChunk.data),
    make.riffChunk("EXIF", exif),
  );
const inPng = (tiff: Uint8Array, after: boolean) => {
  const exif = make.pngChunk("eXIf", tiff);
  const chunks = pngChunks.map(({ type, data }) => make.pngChunk(type, data));
  chunks.splice(after ? -1 : 1, 0, exif);
  return concat([make.pngOf(picture, 2).subarray(0, 8), ...chunks]);
};

test.each([
  ["a JPEG", inJpeg(make.tiff(6))],
  ["a JPEG as 32 bits, little-endian", inJpeg(longTiff(6, true))],
  ["a JPEG as 32 bits, big-endian", inJpeg(longTiff(6, false))],
  ["a JPEG with two orientations", inJpeg(twoOrientations())],
  ["a WebP", inWebp(make.tiff(6))],
  ["a WebP, big-endian", inWebp(make.tiff(6, false))],
  ["a WebP, behind the words of a JPEG", inWebp(concat([make.text("Exif\0\0"), make.tiff(6)]))],
  ["a WebP whose header has no flag for it", inWebp(make.tiff(6), 0)],
  ["a PNG", inPng(make.tiff(6), false)],
  ["a PNG, behind the pixels", inPng(make.tiff(6), true)],
])("Chromium turns a picture as it is protected by the orientation in %s", async (_, bytes) => {
  expect(await differenceFromChromium(bytes)).toBeLessThanOrEqual(4);
});

/** Largest difference of a value, where something is to be seen. */
async function differenceFromChromium(bytes: Uint8Array): Promise<number> {
  const page = await bench.plain.newPage();
  const shown = await page.evaluate(
    async (values) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(values)]));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      context?.drawImage(bitmap, 0, 0);
      const data = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
      return { width: bitmap.width, height: bitmap.height, data: [...data] };
    },
    [...bytes],
  );
  await page.close();
  const pixels = await decode(bytes, sniff(bytes));
  for (let i = 0; i < pixels.data.length; i += 4) if (pixels.data[i + 3] === 0) pixels.data.fill(0, i, i + 3);
  return make.maxDifference(pixels, { ...shown, data: Uint8ClampedArray.from(shown.data) });
}
