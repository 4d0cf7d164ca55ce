import { expect, it } from "vitest";
import { sniff } from "../../../../src/core/codecs/index.ts";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";
import { encodeSized } from "../../../../src/core/protect/file-size.ts";
import { jpeg, maxDifference, perturb, pngOf, randomFrom, scene } from "../codecs/pictures.ts";

const SIDE = 512;
const TEXT = 448;

/** Left: glyphs of 8 x 8 pixels, black on white, of 16 kinds. Right: a photograph. */
function page(): Pixels {
  const picture = scene(SIDE, SIDE);
  const random = randomFrom(7);
  const glyphs = Array.from({ length: 16 }, () =>
    Array.from({ length: 64 }, () => (random() < 0.3 ? 0 : 255)),
  );
  const letters = Array.from({ length: (SIDE / 8) ** 2 }, () => Math.floor(16 * random()));
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < TEXT; x++) {
      const letter = letters[(y >> 3) * (SIDE / 8) + (x >> 3)] as number;
      picture.data.fill(
        glyphs[letter]?.[8 * (y % 8) + (x % 8)] as number,
        4 * (y * SIDE + x),
        4 * (y * SIDE + x) + 3,
      );
    }
  return picture;
}

/** Columns from..to of a picture. */
function columns({ data, width, height }: Pixels, from: number, to: number): Pixels {
  const rows = Array.from({ length: height }, (_, y) => [
    ...data.subarray(4 * (y * width + from), 4 * (y * width + to)),
  ]);
  return { width: to - from, height, data: Uint8ClampedArray.from(rows.flat()) };
}

/** A part of the page whose file is so small that its growth is no matter. */
function drawing(): Pixels {
  const { data } = columns(page(), 0, 64);
  return { width: 64, height: 64, data: data.slice(0, 4 * 64 * 64) };
}

function changedShare(a: Pixels, b: Pixels): number {
  let changed = 0;
  for (let i = 0; i < a.data.length; i += 4) if (maxDifference(pixel(a, i), pixel(b, i)) > 0) changed++;
  return (4 * changed) / a.data.length;
}

function pixel({ data }: Pixels, at: number): Pixels {
  return { width: 1, height: 1, data: data.slice(at, at + 4) };
}

it("leaves out a change where it would make a PNG grow by more than 40 %, which is in text", async () => {
  const pixels = page();
  const text = columns(pixels, 0, TEXT);
  for (const picture of [pixels, text]) {
    const file = pngOf(picture, 2);
    const original = { pixels: picture, info: sniff(file), bytes: file.length };
    const wanted = perturb(picture);
    const { changed, bytes } = await encodeSized(original, wanted);
    expect(bytes.length).toBeLessThanOrEqual(1.4 * file.length);
    /** Of the pixels that were to change. */
    const kept = (from: number, to: number) => {
      const [before, asked, got] = [picture, wanted, changed].map((one) => columns(one, from, to)) as [
        Pixels,
        Pixels,
        Pixels,
      ];
      return changedShare(before, got) / changedShare(before, asked);
    };
    expect(kept(0, TEXT)).toBeGreaterThan(0);
    expect(kept(0, TEXT)).toBeLessThan(picture === text ? 0.4 : 0.9);
    if (picture === pixels) expect(kept(TEXT, SIDE)).toBeGreaterThan(0.99);
  }
});

it.each([
  ["a photograph as PNG", scene(200, 200), async (pixels: Pixels) => pngOf(pixels, 2)],
  ["a JPEG", page(), async (pixels: Pixels) => jpeg(pixels)],
  ["a small drawing", drawing(), async (pixels: Pixels) => pngOf(pixels, 2)],
])("changes %s as a whole", async (_, pixels, encode) => {
  const file = await encode(pixels);
  const wanted = perturb(pixels);
  const { changed } = await encodeSized({ pixels, info: sniff(file), bytes: file.length }, wanted);
  expect(changed === wanted).toBe(true);
});
