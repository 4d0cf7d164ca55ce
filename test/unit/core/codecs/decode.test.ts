/** Files with every layout that occurs decode to upright pixels; damaged files are refused. */

import { describe, expect, it } from "vitest";
import { concat } from "../../../../src/core/codecs/bytes.ts";
import { decode, sniff } from "../../../../src/core/codecs/index.ts";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";
import * as make from "./pictures.ts";

const open = async (bytes: Uint8Array) => decode(bytes, sniff(bytes));

const WIDTH = 83;
const HEIGHT = 41;
const colour = make.scene(WIDTH, HEIGHT);
const clear = make.scene(WIDTH, HEIGHT, { alpha: true });
const grey = make.scene(WIDTH, HEIGHT, { grey: true });

/** Pixels by a rule for the colour at each place. */
function paint(width: number, height: number, rule: (x: number, y: number) => readonly number[]): Pixels {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(rule(x, y), 4 * (y * width + x));
  return { width, height, data };
}

describe("PNG", () => {
  it.each([false, true])("of 8 bits in every colour type (interlaced: %s)", async (interlaced) => {
    const at = (pixels: Pixels) => (x: number, y: number, c: number) =>
      pixels.data[4 * (y * WIDTH + x) + c] as number;
    const base = { width: WIDTH, height: HEIGHT, interlaced };
    const greyClear = paint(WIDTH, HEIGHT, (x, y) => [0, 1, 2].map(() => at(grey)(x, y, 0)).concat(x));
    expect(await open(make.png({ ...base, colourType: 0, sample: at(grey) }))).toEqual(grey);
    expect(await open(make.png({ ...base, colourType: 2, sample: at(colour) }))).toEqual(colour);
    expect(await open(make.png({ ...base, colourType: 6, sample: at(clear) }))).toEqual(make.shown(clear));
    expect(
      await open(make.png({ ...base, colourType: 4, sample: (x, y, c) => at(greyClear)(x, y, 3 * c) })),
    ).toEqual(make.shown(greyClear));
  });

  it.each([1, 2, 4, 8])("with a palette of %i bits, partly transparent", async (bitDepth) => {
    const size = 2 ** bitDepth;
    const palette = Array.from({ length: size }, (_, i) => [(i * 37) % 256, (i * 91) % 256, (i * 151) % 256]);
    const file = make.png({
      width: WIDTH,
      height: HEIGHT,
      colourType: 3,
      bitDepth,
      sample: (x, y) => (x * 3 + y) % size,
      chunks: [
        make.pngChunk("PLTE", Uint8Array.from(palette.flat())),
        make.pngChunk("tRNS", Uint8Array.of(0, 77)),
      ],
    });
    const expected = paint(WIDTH, HEIGHT, (x, y) => {
      const i = (x * 3 + y) % size;
      return [...(palette[i] as number[]), [0, 77][i] ?? 255];
    });
    expect(await open(file)).toEqual(expected);
  });

  it.each([1, 2, 4])("of greys of %i bits, spread over the whole range", async (bitDepth) => {
    const most = 2 ** bitDepth - 1;
    const sample = (x: number, y: number) => (x + y) % (most + 1);
    const file = make.png({ width: WIDTH, height: HEIGHT, colourType: 0, bitDepth, sample });
    const expected = paint(WIDTH, HEIGHT, (x, y) => {
      const value = (255 / most) * sample(x, y);
      return [value, value, value, 255];
    });
    expect(await open(file)).toEqual(expected);
  });

  it("of 16 bits, keeping the upper 8", async () => {
    const sample = (x: number, y: number, c: number) => (x * 700 + y * 90 + c * 5000) & 0xffff;
    const file = make.png({ width: WIDTH, height: HEIGHT, colourType: 6, bitDepth: 16, sample });
    const expected = paint(WIDTH, HEIGHT, (x, y) => [0, 1, 2, 3].map((c) => sample(x, y, c) >> 8));
    expect(await open(file)).toEqual(make.shown(expected));
  });

  it("turned by its eXIf chunk", async () => {
    const file = make.pngOf(colour, 2, [make.pngChunk("eXIf", make.tiff(6))]);
    expect(await open(file)).toEqual(turn(colour, 6));
  });
});

/** Where the upright pixel (x, y) is in the stored picture: the EXIF standard's table, written as maps. */
const STORED: Record<number, (x: number, y: number, w: number, h: number) => [number, number]> = {
  1: (x, y) => [x, y],
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _, h) => [y, h - 1 - x],
  7: (x, y, w, h) => [w - 1 - y, h - 1 - x],
  8: (x, y, w) => [w - 1 - y, x],
};

function turn(pixels: Pixels, orientation: number): Pixels {
  const { width, height, data } = pixels;
  const swap = orientation > 4;
  return paint(swap ? height : width, swap ? width : height, (x, y) => {
    const [fromX, fromY] = (STORED[orientation] as (typeof STORED)[1])(x, y, width, height);
    const at = 4 * (fromY * width + fromX);
    return [...data.subarray(at, at + 4)];
  });
}

describe("JPEG", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("with EXIF orientation %i, upright", async (orientation) => {
    const large = make.scene(150, 97);
    const file = await make.jpeg(large);
    const stored = await open(file);
    const upright = await open(make.withSegments(file, make.exif(orientation)));
    expect(upright).toEqual(turn(stored, orientation));
  });

  it.each([{ progressive: true, chroma_subsample: 2 }, { chroma_subsample: 1 }, { color_space: 2 }])(
    "written as %o, near the pixels that went in",
    async (options) => {
      const decoded = await open(await make.jpeg(colour, { quality: 95, ...options }));
      expect(make.meanDifference(decoded, colour)).toBeLessThan(6);
    },
  );

  it("of greys, with equal channels", async () => {
    const decoded = await open(await make.jpeg(grey, { color_space: 1, quality: 95 }));
    expect(make.meanDifference(decoded, grey)).toBeLessThan(3);
    for (let i = 0; i < decoded.data.length; i += 4)
      expect([decoded.data[i + 1], decoded.data[i + 2]]).toEqual([decoded.data[i], decoded.data[i]]);
  });

  it.each([0, undefined] as const)("of CMYK ink, with Adobe's transform %s", async (transform) => {
    // Stored inverted: 255 is no ink, so that each colour is the product of its plane and the black one.
    const plane = (f: (x: number, y: number) => number) =>
      paint(64, 48, (x, y) => [f(x, y), f(x, y), f(x, y), 255]);
    const planes = [
      plane((x) => 4 * x),
      plane((_, y) => 5 * y),
      plane((x, y) => x + y),
      plane((x) => 255 - x),
    ];
    const decoded = await open(await make.fourComponentJpeg(planes, transform));
    const expected = paint(64, 48, (x, y) => {
      const black = (255 - x) / 255;
      return [4 * x * black, 5 * y * black, (x + y) * black, 255];
    });
    expect(make.meanDifference(decoded, expected)).toBeLessThan(2);
  });

  it("of YCCK ink", async () => {
    const plane = (f: (x: number) => number) => paint(64, 48, (x) => [f(x), f(x), f(x), 255]);
    // Luma and chroma stand for ink, the black plane is inverted: grey that falls with luma.
    const decoded = await open(
      await make.fourComponentJpeg(
        [plane((x) => 4 * x), plane(() => 128), plane(() => 128), plane(() => 200)],
        2,
      ),
    );
    const expected = paint(64, 48, (x) => {
      const value = ((255 - 4 * x) * 200) / 255;
      return [value, value, value, 255];
    });
    expect(make.meanDifference(decoded, expected)).toBeLessThan(3);
  });

  it("with bytes behind its end and without its end when nothing else is missing", async () => {
    const file = await make.jpeg(colour);
    const whole = await open(file);
    expect(await open(concat([file, make.text("trailer")]))).toEqual(whole);
    expect(await open(file.subarray(0, file.length - 2))).toEqual(whole);
  });
});

describe("WebP", () => {
  it("without loss, bit for bit, but for colours that nobody sees", async () => {
    expect(await open(await make.webp(clear, { lossless: 1, exact: 1 }))).toEqual(make.shown(clear));
  });

  it("with loss, near the pixels that went in", async () => {
    expect(make.meanDifference(await open(await make.webp(colour, { quality: 95 })), colour)).toBeLessThan(6);
  });

  it("as it is stored, whatever its EXIF chunk says, as browsers do", async () => {
    const plain = await make.webp(colour, { lossless: 1 });
    const picture = make.riffChunks(plain).map(({ type, data }) => make.riffChunk(type, data));
    const head = make.riffChunk("VP8X", make.extended(0x08, WIDTH, HEIGHT));
    const file = make.riff(head, ...picture, make.riffChunk("EXIF", make.tiff(8)));
    expect(await open(file)).toEqual(colour);
  });
});

describe("damage", () => {
  const large = make.scene(160, 120);
  const files: [string, () => Promise<make.Bytes> | make.Bytes][] = [
    ["a JPEG", () => make.jpeg(large)],
    ["a progressive JPEG", () => make.jpeg(large, { progressive: true })],
    ["a JPEG of greys", () => make.jpeg(large, { color_space: 1 })],
    ["a CMYK JPEG", () => make.fourComponentJpeg([large, large, large, large], 0)],
    ["a PNG", () => make.pngOf(large, 2)],
    ["a WebP", () => make.webp(large)],
    ["a WebP without loss", () => make.webp(large, { lossless: 1 })],
  ];

  it.each(files)("%s cut off anywhere is corrupt", async (_, file) => {
    const whole = await file();
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const bytes = whole.subarray(0, Math.floor(share * whole.length));
      await expect(open(bytes), `cut at ${share}`).rejects.toMatchObject({
        name: "Problem",
        kind: "corrupt",
      });
    }
  });

  it("a JPEG cut off shortly before its end is corrupt", async () => {
    const whole = await make.jpeg(large);
    await expect(open(whole.subarray(0, Math.floor(0.97 * whole.length)))).rejects.toMatchObject({
      kind: "corrupt",
    });
  });

  it("a CMYK JPEG with the first of its four scans alone is corrupt", async () => {
    const whole = await make.fourComponentJpeg([large, large, large, large], 0);
    const [scan = 0] = make.segmentsOf(whole, 0xda).map(({ byteOffset }) => byteOffset - whole.byteOffset);
    const end = whole.findIndex((byte, i) => i > scan && byte === 0xff && whole[i + 1] !== 0);
    await expect(open(whole.subarray(0, end))).rejects.toMatchObject({ kind: "corrupt" });
  });

  it("a progressive JPEG without its last scan is the coarser picture that browsers show", async () => {
    const whole = await make.jpeg(large, { progressive: true });
    const lastScan = whole.findLastIndex((byte, i) => byte === 0xff && whole[i + 1] === 0xda);
    const coarser = await open(whole.subarray(0, lastScan));
    const difference = make.meanDifference(coarser, await open(whole));
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(3);
  });

  it("a PNG with a changed byte is corrupt", async () => {
    const file = make.pngOf(large, 2);
    file[Math.floor(file.length / 2)] = (file[Math.floor(file.length / 2)] as number) ^ 1;
    await expect(open(file)).rejects.toMatchObject({ kind: "corrupt" });
  });

  it("a JPEG with coded data overwritten is corrupt", async () => {
    const file = await make.jpeg(large);
    file.fill(0xff, file.length / 2, file.length / 2 + 40);
    await expect(open(file)).rejects.toMatchObject({ kind: "corrupt" });
  });

  it("a picture cut off does no harm to the next one", async () => {
    for (const [, file] of files) {
      const whole = await file();
      await open(whole.subarray(0, whole.length >> 1)).catch(() => {});
      expect((await open(whole)).width).toBe(160);
    }
  });
});
