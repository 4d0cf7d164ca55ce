/** Encoded files are like the original: same type, same colours, about the same size; but without metadata. */

import { deflateSync, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { concat } from "../../../../src/core/codecs/bytes.ts";
import { decode, encode, isGrey, type PictureInfo, sniff } from "../../../../src/core/codecs/index.ts";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";
import { PHOTOGRAPH_SETS } from "../../../support/photographs.ts";
import * as make from "./pictures.ts";

async function open(bytes: Uint8Array): Promise<{ info: PictureInfo; pixels: Pixels }> {
  const info = sniff(bytes);
  return { info, pixels: await decode(bytes, info) };
}

/** Decodes, changes as a protection would, and encodes again. */
async function protect(bytes: make.Bytes): Promise<{ file: make.Bytes; sent: Pixels; info: PictureInfo }> {
  const { info, pixels } = await open(bytes);
  const sent = make.perturb(pixels, info.grey);
  return { file: await encode(sent, { info, bytes: bytes.length }), sent, info };
}

const WIDTH = 320;
const HEIGHT = 213;
const colour = make.scene(WIDTH, HEIGHT);
const clear = make.scene(WIDTH, HEIGHT, { alpha: true });
const grey = make.scene(WIDTH, HEIGHT, { grey: true });
const greyClear: Pixels = {
  ...grey,
  data: grey.data.map((value, i) => (i % 4 === 3 ? (clear.data[i] as number) : value)),
};

const has = (file: Uint8Array, words: string) => Buffer.from(file).includes(Buffer.from(words, "latin1"));

describe("PNG", () => {
  it.each([
    [0, grey],
    [2, colour],
    [4, greyClear],
    [6, clear],
  ] as const)("of colour type %i comes back bit for bit and in its kind", async (colourType, pixels) => {
    const original = make.pngOf(pixels, colourType);
    const { info, pixels: decoded } = await open(original);
    const file = await encode(decoded, { info, bytes: original.length });
    expect(make.pngChunks(file)[0]?.data).toEqual(make.pngHeader(WIDTH, HEIGHT, 8, colourType));
    expect((await open(file)).pixels).toEqual(make.shown(pixels));
    // The fixtures are not filtered, so the output must be smaller.
    expect(file.length).toBeLessThan(original.length);
  });

  it("keeps the chunks of the colour space, byte for byte, and drops the others", async () => {
    const kept = [
      make.pngChunk("gAMA", Uint8Array.of(0, 0, 0xb1, 0x8f)),
      make.pngChunk("sRGB", Uint8Array.of(0)),
    ];
    const dropped = [
      make.pngChunk("cHRM", make.text("no chromaticities, but a note of another length")),
      make.pngChunk("tEXt", make.text("Comment\0at home")),
      make.pngChunk("iTXt", make.text("XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta>here</x:xmpmeta>")),
      make.pngChunk("eXIf", make.tiff(3)),
      make.pngChunk("tIME", new Uint8Array(7)),
    ];
    const { file } = await protect(make.pngOf(colour, 2, [...kept, ...dropped]));
    expect(make.pngChunks(file).map(({ type }) => type)).toEqual(["IHDR", "gAMA", "sRGB", "IDAT", "IEND"]);
    for (const chunk of kept) expect(has(file, String.fromCharCode(...chunk))).toBe(true);
  });

  it("keeps its profile, and nothing in its place that is none", async () => {
    const icc = make.profile(500);
    const iccp = (data: Uint8Array) => make.pngChunk("iCCP", concat([make.text("John Doe\0\0"), data]));
    const { file } = await protect(make.pngOf(colour, 2, [iccp(deflateSync(icc))]));
    const kept = make.pngChunks(file).find(({ type }) => type === "iCCP")?.data as make.Bytes;
    expect(new Uint8Array(inflateSync(kept.subarray(kept.indexOf(0) + 2)))).toEqual(icc);
    expect(has(file, "John Doe")).toBe(false);
    for (const junk of [
      deflateSync(make.text("a note".repeat(99))),
      make.text("not packed"),
      deflateSync(new Uint8Array(2 ** 23)),
    ])
      expect(
        make.pngChunks((await protect(make.pngOf(colour, 2, [iccp(junk)]))).file).map(({ type }) => type),
      ).toEqual(["IHDR", "IDAT", "IEND"]);
  });

  it.each([
    [1, 2],
    [2, 4],
    [4, 16],
    [8, 17],
    [8, 256],
  ])(
    "of few colours gets a palette, of %i bits for %i colours, translucent ones among them",
    async (bitDepth, colours) => {
      const pixels = make.scene(67, 45);
      for (let i = 0; i < 67 * 45; i++) {
        const colour = (i * 7) % colours;
        pixels.data.set([colour, 255 - colour, 30, colour % 3 === 1 ? 100 : 255], 4 * i);
      }
      const original = make.pngOf(pixels, 6);
      const { info, pixels: decoded } = await open(original);
      const file = await encode(decoded, { info, bytes: original.length });
      expect(make.pngChunks(file)[0]?.data).toEqual(make.pngHeader(67, 45, bitDepth, 3));
      expect((await open(file)).pixels).toEqual(pixels);
    },
  );

  it("of few greys gets a palette, but not with a profile, which would be wrong for a palette", async () => {
    const sample = (x: number) => 17 * (x % 16);
    const recipe = { width: 64, height: 64, colourType: 0, bitDepth: 8, sample } as const;
    const data = concat([make.text("Grey\0\0"), deflateSync(make.profile(500, "GRAY"))]);
    const typeOf = async (chunks: Uint8Array[]) => {
      const bytes = make.png({ ...recipe, chunks });
      const { info, pixels } = await open(bytes);
      const file = await encode(pixels, { info, bytes: bytes.length });
      expect((await open(file)).pixels).toEqual(pixels);
      return make.pngChunks(file)[0]?.data;
    };
    expect(await typeOf([])).toEqual(make.pngHeader(64, 64, 4, 3));
    expect(await typeOf([make.pngChunk("iCCP", data)])).toEqual(make.pngHeader(64, 64, 8, 0));
  });

  it("with a palette becomes RGB where the colours are too many, of 16 bits becomes 8", async () => {
    const palette = make.pngChunk(
      "PLTE",
      Uint8Array.from({ length: 3 * 256 }, (_, i) => (i % 3 === 0 ? i / 3 : 255 - Math.floor(i / 3))),
    );
    const many = make.png({
      width: 32,
      height: 32,
      colourType: 3,
      bitDepth: 8,
      sample: (x, y) => (32 * y + x) % 256,
      chunks: [palette],
    });
    const deep = make.png({ width: 32, height: 32, colourType: 0, bitDepth: 16, sample: (x) => 999 * x });
    const { file } = await protect(many);
    expect(make.pngChunks(file)[0]?.data).toEqual(make.pngHeader(32, 32, 8, 2));
    expect(sniff((await protect(deep)).file)).toMatchObject({ components: 1, bitDepth: 8 });
  });
});

describe("JPEG", () => {
  it.each([
    ["4:2:0", { chroma_subsample: 2 }],
    ["4:4:4", { chroma_subsample: 1 }],
    ["progressive", { progressive: true }],
  ])("%s keeps its sampling, passes and quality", async (_, options) => {
    const original = await make.jpeg(colour, { quality: 82, ...options });
    const { file, sent } = await protect(original);
    const { subsampling, progressive } = sniff(original);
    expect(sniff(file)).toMatchObject({ subsampling, progressive, quality: 82 });
    expect(make.meanDifference((await open(file)).pixels, sent)).toBeLessThan(8);
  });

  it("of greys stays grey: one component, equal channels", async () => {
    const { file, sent } = await protect(await make.jpeg(grey, { color_space: 1 }));
    const { info, pixels } = await open(file);
    expect(info).toMatchObject({ components: 1, grey: true });
    expect(make.meanDifference(pixels, sent)).toBeLessThan(5);
  });

  it("with orientation comes out upright and without EXIF", async () => {
    const original = make.withSegments(await make.jpeg(colour), make.exif(6));
    const { file } = await protect(original);
    expect(sniff(file)).toMatchObject({ width: HEIGHT, height: WIDTH, orientation: 1 });
  });

  it("loses EXIF, GPS, XMP, IPTC, comments and all bytes behind the end", async () => {
    const words = ["Exif", "xap/1.0", "Photoshop 3.0", "a comment", "trailer", "MPF"];
    const original = concat([
      make.withSegments(
        await make.jpeg(colour),
        make.exif(1),
        make.segment(0xe1, make.text("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>")),
        make.segment(0xe2, make.text("MPF\0II*\0")),
        make.segment(0xed, make.text("Photoshop 3.0\x008BIM\x04\x04")),
        make.segment(0xfe, make.text("a comment")),
      ),
      make.text("trailer"),
    ]);
    for (const word of words) expect(has(original, word), word).toBe(true);
    const { file } = await protect(original);
    for (const word of [...words, "GPS", "8BIM", "adobe"]) expect(has(file, word), word).toBe(false);
    expect(make.segmentsOf(file, 0xe1)).toHaveLength(0);
  });

  it.each([3144, 65_516, 65_520, 200_000])("keeps a profile of %i bytes byte for byte", async (length) => {
    const icc = make.profile(length);
    const original = make.withSegments(await make.jpeg(colour), ...make.iccSegments(icc));
    const { file } = await protect(original);
    expect(sniff(file).icc).toEqual(icc);
    expect((await open(file)).pixels.width).toBe(WIDTH);
  });

  it("of CMYK becomes RGB and loses its profile, which no longer fits", async () => {
    const planes = [colour, colour, colour, colour];
    const icc = make.profile(4000, "CMYK");
    const original = make.withSegments(await make.fourComponentJpeg(planes, 0), ...make.iccSegments(icc));
    const { file } = await protect(original);
    expect(sniff(file)).toMatchObject({ components: 3 });
    expect(sniff(file).icc).toBeUndefined();
  });

  it.each([5, 30, 60, 85, 95, 100])("of quality %i keeps its size", async (quality) => {
    const original = await make.jpeg(colour, { quality, baseline: true });
    const { file } = await protect(original);
    expect(file.length / original.length).toBeGreaterThan(0.6);
    expect(file.length / original.length).toBeLessThan(1.4);
  });

  it("with other tables than the standard's keeps its size too", async () => {
    for (const quant_table of [1, 2, 3, 5]) {
      const original = await make.jpeg(colour, { quality: 70, quant_table });
      const { file } = await protect(original);
      expect(file.length / original.length).toBeGreaterThan(0.6);
      expect(file.length / original.length).toBeLessThan(1.4);
    }
  });

  it("that was half metadata keeps its size by a better quality", async () => {
    const plain = await make.jpeg(colour, { quality: 80 });
    const original = make.withSegments(plain, make.segment(0xe1, new Uint8Array(1.2 * plain.length)));
    const { file } = await protect(original);
    expect(file.length / original.length).toBeGreaterThan(0.6);
    expect(file.length / original.length).toBeLessThan(1.4);
    expect(sniff(file).quality).toBeGreaterThan(80);
  });

  it("that was mostly metadata keeps its quality and gets smaller", async () => {
    const ballast = Array.from({ length: 8 }, () => make.segment(0xe1, new Uint8Array(60_000)));
    const original = make.withSegments(await make.jpeg(colour, { quality: 80 }), ...ballast);
    const { file } = await protect(original);
    expect(sniff(file).quality).toBe(80);
  });

  it("stored in colour but all grey stays all grey", async () => {
    const original = await make.jpeg(grey);
    const { info, pixels } = await open(original);
    expect(info.grey).toBe(false);
    expect(isGrey(pixels)).toBe(true);
    expect(isGrey((await open(await make.jpeg(colour))).pixels)).toBe(false);
    const file = await encode(make.perturb(pixels, true), { info, bytes: original.length });
    expect(isGrey((await open(file)).pixels)).toBe(true);
  });

  it("of more than a sample's size keeps its size, by few whole encodes", async () => {
    const original = await make.jpeg(make.scene(2600, 1700), { quality: 60, quant_table: 3 });
    const { file } = await protect(original);
    expect(file.length / original.length).toBeGreaterThan(0.6);
    expect(file.length / original.length).toBeLessThan(1.4);
  });
});

describe("WebP", () => {
  it("without loss stays so, bit for bit", async () => {
    const original = await make.webp(clear, { lossless: 1, exact: 1 });
    const { file, sent } = await protect(original);
    const { info, pixels } = await open(file);
    expect(info).toMatchObject({ lossless: true, alpha: true });
    expect(pixels).toEqual(make.shown(sent));
  });

  it.each([
    [20, false],
    [75, false],
    [75, true],
    [98, false],
  ])("of quality %i (alpha: %s) keeps its size and kind", async (quality, alpha) => {
    const original = await make.webp(alpha ? clear : colour, { quality });
    const { file } = await protect(original);
    expect(sniff(file)).toMatchObject({ lossless: false, alpha });
    expect(file.length / original.length).toBeGreaterThan(0.6);
    expect(file.length / original.length).toBeLessThan(1.4);
  });

  it.each([
    ["with loss", {}, colour, 0x20],
    ["with loss and alpha", {}, clear, 0x30],
    ["without loss", { lossless: 1 }, colour, 0x20],
  ] as const)("%s keeps its profile and drops the rest", async (_, options, pixels, flags) => {
    const icc = make.profile(556);
    const picture = make
      .riffChunks(await make.webp(pixels, options))
      .filter(({ type }) => type !== "VP8X")
      .map(({ type, data }) => make.riffChunk(type, data));
    const original = make.riff(
      make.riffChunk("VP8X", make.extended(flags | 0x0c, WIDTH, HEIGHT)),
      make.riffChunk("ICCP", icc),
      ...picture,
      make.riffChunk("EXIF", make.tiff(1)),
      make.riffChunk("XMP ", make.text("<x:xmpmeta/>")),
    );
    const { file, info } = await protect(original);
    expect(info.icc).toEqual(icc);
    const chunks = make.riffChunks(file);
    expect(chunks.slice(0, 2)).toEqual([
      { type: "VP8X", data: make.extended(flags, WIDTH, HEIGHT) },
      { type: "ICCP", data: icc },
    ]);
    expect(chunks.some(({ type }) => type === "EXIF" || type === "XMP ")).toBe(false);
    expect(new DataView(file.buffer).getUint32(4, true)).toBe(file.length - 8);
    const again = await open(file);
    expect(again.info.alpha).toBe(flags === 0x30);
  });
});

describe("cancelling", () => {
  it.each([
    ["JPEG", () => make.jpeg(colour)],
    ["PNG", () => make.pngOf(colour, 2)],
    ["WebP", () => make.webp(colour)],
  ])("stops a %s", async (_, build) => {
    const original = await build();
    const { info, pixels } = await open(original);
    const before = AbortSignal.abort();
    await expect(encode(pixels, { info, bytes: original.length }, before)).rejects.toMatchObject({
      name: "AbortError",
    });
    const controller = new AbortController();
    const running = encode(pixels, { info, bytes: original.length }, controller.signal);
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("real photographs, perturbed", () => {
  it.each(PHOTOGRAPH_SETS)(
    "$set keep size within 40 %, type, profile and greyness",
    async ({ photographs }) => {
      const ratios: number[] = [];
      const exceptions: string[] = [];
      for (const { name, read } of photographs) {
        const original = read();
        const { file, info } = await protect(original);
        const ratio = file.length / original.length;
        ratios.push(ratio);
        if (ratio < 0.6 || ratio > 1.4) exceptions.push(`${name}: ${ratio.toFixed(2)}`);
        const { type, width, height, grey: isGrey, icc } = sniff(file);
        expect({ name, type, width, height, isGrey, icc }).toEqual({
          name,
          type: info.type,
          width: info.width,
          height: info.height,
          isGrey: info.grey,
          icc: info.icc,
        });
      }
      ratios.sort((a, b) => a - b);
      const at = (share: number) => (ratios[Math.round(share * (ratios.length - 1))] as number).toFixed(2);
      console.info(
        `${ratios.length} photographs, bytes out / in: least ${at(0)}, 5 % ${at(0.05)}, median ${at(0.5)}, 95 % ${at(0.95)}, most ${at(1)}`,
      );
      expect(exceptions).toEqual([]);
    },
    900_000,
  );
});
