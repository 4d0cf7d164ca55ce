/** Every format that is accepted, and every kind of file that is refused, each with its own problem. */

import { describe, expect, it } from "vitest";
import { problemText } from "../../../../src/bridge/strings/problems.ts";
import { concat } from "../../../../src/core/codecs/bytes.ts";
import { checkShape, sniff } from "../../../../src/core/codecs/index.ts";
import { Problem, type ProblemKind } from "../../../../src/core/contract/problem.ts";
import * as make from "./pictures.ts";

const small = make.scene(40, 24);

function problemOf(bytes: Uint8Array): Problem {
  return problemIn(() => sniff(bytes));
}

function problemIn(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("expected a Problem");
}

function ftyp(brand: string, ...compatible: string[]) {
  const body = concat([make.text("ftyp"), make.text(brand), new Uint8Array(4), ...compatible.map(make.text)]);
  return concat([Uint8Array.of(0, 0, 0, body.length + 4), body, new Uint8Array(32)]);
}

describe("sniff accepts", () => {
  it("a JPEG, with quality, sampling and passes", async () => {
    const file = await make.jpeg(small, { quality: 83, chroma_subsample: 1, progressive: true });
    expect(sniff(file)).toEqual({
      type: "image/jpeg",
      width: 40,
      height: 24,
      orientation: 1,
      grey: false,
      alpha: false,
      components: 3,
      bitDepth: 8,
      progressive: true,
      quality: 83,
      subsampling: "4:4:4",
    });
  });

  it.each([1, 10, 35, 49, 50, 75, 90, 96, 100])("a JPEG of quality %i, as just that", async (quality) => {
    expect(sniff(await make.jpeg(small, { quality })).quality).toBe(quality);
  });

  it("a JPEG of greys", async () => {
    const info = sniff(await make.jpeg(small, { color_space: 1 }));
    expect(info).toMatchObject({ grey: true, components: 1 });
    expect(info.subsampling).toBeUndefined();
  });

  it("a JPEG whose name and end lie: a thumbnail inside and a second picture behind it", async () => {
    const file = await make.jpeg(small);
    const thumbnail = await make.jpeg(make.scene(16, 16));
    const dressed = concat([
      make.withSegments(file, make.segment(0xe1, concat([make.text("Exif\0\0"), make.tiff(3), thumbnail]))),
      thumbnail,
    ]);
    expect(sniff(dressed)).toMatchObject({ width: 40, height: 24, orientation: 3 });
  });

  it.each([true, false])(
    "EXIF in both byte orders (little: %s), and takes nonsense for upright",
    async (little) => {
      const file = await make.jpeg(small);
      for (const value of [1, 2, 3, 4, 5, 6, 7, 8])
        expect(sniff(make.withSegments(file, make.exif(value, little))).orientation).toBe(value);
      for (const value of [0, 9, 258])
        expect(sniff(make.withSegments(file, make.exif(value, little))).orientation).toBe(1);
    },
  );

  it.each([
    ["type", 12, 4],
    ["count", 14, 2],
  ])("EXIF whose orientation is of another %s as upright, as browsers do", async (_, at, value) => {
    const exif = make.tiff(6);
    new DataView(exif.buffer).setUint16(at, value, true);
    const file = make.withSegments(
      await make.jpeg(small),
      make.segment(0xe1, concat([make.text("Exif\0\0"), exif])),
    );
    expect(sniff(file).orientation).toBe(1);
  });

  it("a profile in parts, out of order; and drops one with a part missing", async () => {
    const file = await make.jpeg(small);
    const icc = make.profile(150_000);
    const parts = make.iccSegments(icc);
    expect(sniff(make.withSegments(file, ...parts.toReversed())).icc).toEqual(icc);
    expect(sniff(make.withSegments(file, ...parts.slice(1))).icc).toBeUndefined();
  });

  it.each([
    [0, { grey: true, alpha: false, components: 1 }],
    [2, { grey: false, alpha: false, components: 3 }],
    [4, { grey: true, alpha: true, components: 2 }],
    [6, { grey: false, alpha: true, components: 4 }],
  ] as const)("a PNG of colour type %i", (colourType, expected) => {
    expect(sniff(make.pngOf(small, colourType))).toMatchObject({
      type: "image/png",
      width: 40,
      height: 24,
      ...expected,
    });
  });

  it("a PNG with a palette of greys as grey, of colours as colour, with a transparent one as alpha", () => {
    const recipe = { width: 16, height: 16, colourType: 3, sample: (x: number) => x % 2 } as const;
    const greys = make.pngChunk("PLTE", Uint8Array.of(1, 1, 1, 200, 200, 200));
    const colours = make.pngChunk("PLTE", Uint8Array.of(1, 1, 1, 200, 200, 100));
    const clear = make.pngChunk("tRNS", Uint8Array.of(0));
    expect(sniff(make.png({ ...recipe, chunks: [greys] }))).toMatchObject({ grey: true, components: 1 });
    expect(sniff(make.png({ ...recipe, chunks: [colours] }))).toMatchObject({ grey: false, components: 3 });
    expect(sniff(make.png({ ...recipe, chunks: [colours, clear] }))).toMatchObject({
      alpha: true,
      components: 4,
    });
  });

  it("an APNG of a single frame, which is a still picture", () => {
    const still = make.pngChunk("acTL", Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0));
    expect(sniff(make.pngOf(small, 2, [still])).type).toBe("image/png");
  });

  it("WebP with and without loss and alpha", async () => {
    const clear = make.scene(40, 24, { alpha: true });
    const expected = { type: "image/webp", width: 40, height: 24 };
    expect(sniff(await make.webp(small))).toMatchObject({ ...expected, lossless: false, alpha: false });
    expect(sniff(await make.webp(small, { lossless: 1 }))).toMatchObject({
      ...expected,
      lossless: true,
      alpha: false,
    });
    expect(sniff(await make.webp(clear))).toMatchObject({ ...expected, lossless: false, alpha: true });
    expect(sniff(await make.webp(clear, { lossless: 1 }))).toMatchObject({
      ...expected,
      lossless: true,
      alpha: true,
    });
  });
});

describe("sniff refuses", () => {
  const refused: [string, ProblemKind, RegExp, () => Uint8Array | Promise<Uint8Array>][] = [
    ["nothing", "empty", /empty/, () => new Uint8Array(0)],
    ["one byte", "unsupported", /not a picture that/, () => Uint8Array.of(0xff)],
    [
      "text",
      "unsupported",
      /not a picture that/,
      () => make.text("BMX bikes are fun, but this is no picture."),
    ],
    ["zeros", "unsupported", /not a picture that/, () => new Uint8Array(4000)],
    ["a start of HEIC only", "corrupt", /HEIC.*broken/, () => ftyp("heic", "mif1", "heic")],
    ["a HEIC of a generic brand", "corrupt", /HEIC/, () => ftyp("mif1", "mif1", "heic")],
    ["a start of AVIF only", "corrupt", /AVIF.*broken/, () => ftyp("avif", "mif1", "miaf")],
    ["an AVIF of a generic brand", "corrupt", /AVIF/, () => ftyp("mif1", "avif", "miaf")],
    ["an AVIF that is only a film", "animated", /animated AVIF/, () => ftyp("avis", "msf1", "miaf")],
    ["a camera's raw file", "unsupported", /raw file.*JPEG or PNG/, () => ftyp("crx ", "isom")],
    ["a film", "unsupported", /video/, () => ftyp("isom", "mp42")],
    ["JPEG XL", "unsupported", /JPEG XL/, () => Uint8Array.of(0xff, 0x0a, 0xfa, 0x0f, 1, 2)],
    [
      "JPEG XL in a box",
      "unsupported",
      /JPEG XL/,
      () => concat([Uint8Array.of(0, 0, 0, 12), make.text("JXL \r\n\x87\n")]),
    ],
    [
      "JPEG 2000",
      "unsupported",
      /JPEG 2000/,
      () => concat([Uint8Array.of(0, 0, 0, 12), make.text("jP  \r\n\x87\n")]),
    ],
    ["a TIFF without a picture", "corrupt", /TIFF/, () => make.tiff(1)],
    ["a big-endian TIFF without a picture", "corrupt", /TIFF/, () => make.tiff(1, false)],
    [
      "a start of BMP only",
      "corrupt",
      /BMP/,
      () => concat([make.text("BM"), Uint8Array.of(70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0)]),
    ],
    ["ICO", "unsupported", /icon/, () => Uint8Array.of(0, 0, 1, 0, 1, 0, 16, 16)],
    ["PSD", "unsupported", /Photoshop/, () => make.text("8BPS\0\x01")],
    ["PDF", "unsupported", /PDF/, () => make.text("%PDF-1.7\n")],
    ["SVG", "unsupported", /SVG.*PNG/, () => make.text('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    [
      "SVG with all before it",
      "unsupported",
      /SVG/,
      () => make.text('\xef\xbb\xbf\n<?xml version="1.0"?>\n<!-- a --><!DOCTYPE svg>\n<svg:svg width="1"/>'),
    ],
    ["SVG in UTF-16", "unsupported", /SVG/, () => make.text("\xff\xfe<\0s\0v\0g\0 \0/\0>\0")],
    [
      "a page with an SVG in it",
      "unsupported",
      /not a picture that/,
      () => make.text("<!doctype html><html><svg></svg></html>"),
    ],
    ["a GIF without a frame", "corrupt", /GIF.*broken/, () => make.gif(0)],
    ["animated GIF", "animated", /animated GIF/, () => make.gif(2)],
    [
      "animated PNG",
      "animated",
      /animated PNG/,
      () => make.pngOf(small, 2, [make.pngChunk("acTL", Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0))]),
    ],
    [
      "animated WebP",
      "animated",
      /animated WebP/,
      () =>
        make.riff(
          make.riffChunk("VP8X", make.extended(0x02, 40, 24)),
          make.riffChunk("ANIM", new Uint8Array(6)),
        ),
    ],
    ["a start of JPEG only", "corrupt", /JPEG.*broken/, () => Uint8Array.of(0xff, 0xd8, 0xff)],
    [
      "a JPEG without a scan",
      "corrupt",
      /JPEG.*broken/,
      async () => (await make.jpeg(small)).subarray(0, 200),
    ],
    ["a start of PNG only", "corrupt", /PNG.*broken/, () => make.pngOf(small, 2).subarray(0, 8)],
    ["a PNG without pixels", "corrupt", /PNG.*broken/, () => make.pngOf(small, 2).subarray(0, 40)],
    ["half a WebP", "corrupt", /WebP.*broken/, async () => (await make.webp(small)).subarray(0, 60)],
    [
      "a JPEG of 30000 by 30000",
      "too-large",
      /30000 by 30000/,
      async () => resized(await make.jpeg(small), 30_000, 30_000),
    ],
    ["a long JPEG", "too-large", /30001 by 100/, async () => resized(await make.jpeg(small), 30_001, 100)],
    ["a PNG of 30000 by 30000", "too-large", /megapixels/, () => hugePng()],
    ["a JPEG without a height", "corrupt", /no pixels/, async () => resized(await make.jpeg(small), 40, 0)],
    [
      "a JPEG whose few bytes declare millions of pixels",
      "corrupt",
      /a part of it is missing/,
      async () => resized(await make.jpeg(small), 9000, 9000),
    ],
    [
      "a PNG whose few bytes declare millions of pixels",
      "corrupt",
      /a part of it is missing/,
      () => hugePng(9000, 9000),
    ],
    ["a JPEG of 12 bits", "unsupported", /rare/, async () => patched(await make.jpeg(small), 0, 12)],
    ["a lossless JPEG", "unsupported", /rare/, async () => asLossless(await make.jpeg(small))],
  ];

  it.each(refused)("%s", async (_, kind, message, bytes) => {
    const problem = problemOf(await bytes());
    expect(problem.kind).toBe(kind);
    const sentence = problemText(problem.data);
    expect(sentence).toMatch(message);
    expect(sentence).toMatch(/\.$/);
  });
});

describe("the shape of a picture is refused", () => {
  it.each([
    [15, 100, "too-small", /15 by 100.*16/],
    [2000, 16, "too-thin", /2000 by 16.*64 times/],
    [16, 1025, "too-thin", /16 by 1025/],
  ] as const)("at %d by %d pixels: %s", (width, height, kind, message) => {
    const problem = problemIn(() => checkShape({ width, height }));
    expect(problem.kind).toBe(kind);
    expect(problemText(problem.data)).toMatch(message);
  });

  it.each([
    [16, 16],
    [1024, 16],
  ])("but not at %d by %d pixels", (width, height) => {
    expect(() => checkShape({ width, height })).not.toThrow();
  });
});

/** Offset of the contents of a JPEG's frame header. */
function frameOf(file: make.Bytes): number {
  const frame = make.segmentsOf(file, 0xc0)[0] as Uint8Array;
  return frame.byteOffset - file.byteOffset;
}

function patched(file: make.Bytes, offset: number, value: number): make.Bytes {
  const copy = file.slice();
  copy[frameOf(file) + offset] = value;
  return copy;
}

function asLossless(file: make.Bytes): make.Bytes {
  const copy = file.slice();
  copy[frameOf(file) - 3] = 0xc3;
  return copy;
}

function resized(file: make.Bytes, width: number, height: number): make.Bytes {
  const copy = file.slice();
  const view = new DataView(copy.buffer);
  view.setUint16(frameOf(file) + 1, height);
  view.setUint16(frameOf(file) + 3, width);
  return copy;
}

function hugePng(width = 30_000, height = 30_000): make.Bytes {
  const file = make.pngOf(small, 2);
  return concat([
    file.subarray(0, 8),
    make.pngChunk("IHDR", make.pngHeader(width, height)),
    file.subarray(33),
  ]);
}
