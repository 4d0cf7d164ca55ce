/** Pictures as Chromium shows them, and as the library decodes them. */
import { expect, test } from "vitest";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { useChromium } from "../support/bench.ts";
import { maxDifference, rareBmps } from "../unit/core/codecs/pictures.ts";

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

test.each(Object.entries(rareBmps()))("Chromium shows a BMP of %s as it is protected", async (_, bytes) => {
  // Of five bits, decoders make eight in two ways.
  expect(await differenceFromChromium(bytes)).toBeLessThanOrEqual(1);
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
  return maxDifference(pixels, { ...shown, data: Uint8ClampedArray.from(shown.data) });
}
