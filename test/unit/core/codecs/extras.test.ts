/** What JPEG and PNG say beside their picture: size in print, further pictures, gain maps. */
import { describe, expect, it } from "vitest";
import { concat } from "../../../../src/core/codecs/bytes.ts";
import { encode } from "../../../../src/core/codecs/encode.ts";
import { decode, noticesOf, sniff } from "../../../../src/core/codecs/index.ts";
import * as make from "./pictures.ts";

const small = make.scene(40, 24);
const codes = (file: Uint8Array) => noticesOf(sniff(file)).map(({ code }) => code);

/** A JPEG with a density in its JFIF segment, which the encoder writes without. */
async function jpegWithDensity(across: number, down: number, unit = 1): Promise<make.Bytes> {
  const file = await make.jpeg(small);
  const view = new DataView(file.buffer);
  view.setUint8(13, unit);
  view.setUint16(14, across);
  view.setUint16(16, down);
  return file;
}

async function finished(file: make.Bytes) {
  const info = sniff(file);
  return sniff(await encode(await decode(file, info), { info, bytes: file.length }));
}

const perInch = (value: number) => value / 0.0254;

describe("the size in print", () => {
  it("stays in a JPEG", async () => {
    const { density } = await finished(await jpegWithDensity(300, 240));
    expect(density?.across).toBeCloseTo(perInch(300), 3);
    expect(density?.down).toBeCloseTo(perInch(240), 3);
  });

  it("in centimetres is the same in inches", async () => {
    expect((await finished(await jpegWithDensity(100, 100, 2))).density?.across).toBeCloseTo(perInch(254), 3);
  });

  it("turns with the picture", async () => {
    const turned = make.withSegments(await jpegWithDensity(300, 240), make.exif(6));
    const bytes = concat([turned.subarray(0, 2), turned.subarray(2)]);
    // The JFIF segment comes behind the EXIF one here; both are read.
    const { density } = await finished(bytes);
    expect(density?.across).toBeCloseTo(perInch(240), 3);
    expect(density?.down).toBeCloseTo(perInch(300), 3);
  });

  it("stays as it is when the picture has fewer pixels", async () => {
    const file = await jpegWithDensity(300, 300);
    const smaller = sniff(await encode(make.scene(30, 18), { info: sniff(file) }));
    expect(smaller.density?.across).toBeCloseTo(perInch(225), 3);
  });

  it("stays in a PNG, and is not made up", async () => {
    const chunk = make.pngChunk("pHYs", Uint8Array.of(0, 0, 0x2e, 0x23, 0, 0, 0x2e, 0x23, 1));
    expect((await finished(make.pngOf(small, 2, [chunk]))).density).toEqual({ across: 11_811, down: 11_811 });
    expect((await finished(make.pngOf(small, 2))).density).toBeUndefined();
    expect((await finished(await make.jpeg(small))).density).toBeUndefined();
  });
});

/** An APP2 segment that tells of pictures behind the first, each with its kind. */
function mpf(kinds: readonly number[], lengths: readonly number[], first: number) {
  const entries = new Uint8Array(16 * (kinds.length + 1));
  const view = new DataView(entries.buffer);
  let start = first;
  for (const [i, kind] of kinds.entries()) {
    const at = 16 * (i + 1);
    view.setUint32(at, kind);
    view.setUint32(at + 4, lengths[i] as number);
    view.setUint32(at + 8, start);
    start += lengths[i] as number;
  }
  const head = new Uint8Array(26);
  head.set([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0xb0, 0x02, 0, 7]);
  new DataView(head.buffer).setUint32(14, entries.length);
  new DataView(head.buffer).setUint32(18, head.length);
  return make.segment(0xe2, concat([make.text("MPF\0"), head, entries]));
}

/** A JPEG with others behind it. */
async function several(others: readonly { kind: number; file: make.Bytes }[], ...more: Uint8Array[]) {
  const bare = make.withSegments(await make.jpeg(small), ...more);
  const kinds = others.map(({ kind }) => kind);
  const lengths = others.map(({ file }) => file.length);
  // Places count from the segment's own "MM", eight bytes into the segment behind the start of the file.
  const segment = mpf(kinds, lengths, bare.length + mpf(kinds, lengths, 0).length - 10);
  return concat([make.withSegments(bare, segment), ...others.map(({ file }) => file)]);
}

const xmp = (words: string) => make.segment(0xe1, make.text(`http://ns.adobe.com/xap/1.0/\0<x ${words}/>`));
const HDR = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"';

describe("a notice of", () => {
  const second = async () => ({ kind: 0x020002, file: await make.jpeg(small) });

  it("a second picture is for one behind the first", async () => {
    expect(codes(await several([await second()]))).toEqual(["second-picture"]);
  });

  it("a second picture is not for a preview, and not where there is none", async () => {
    expect(codes(await several([{ ...(await second()), kind: 0x010002 }]))).toEqual([]);
    expect(codes(await make.jpeg(small))).toEqual([]);
  });

  it("a gain map is for one that the first picture tells of, and this is no second picture", async () => {
    expect(codes(await several([{ ...(await second()), kind: 0 }], xmp(HDR)))).toEqual(["gain-map"]);
    expect(codes(await several([await second(), await second()], xmp(HDR)))).toEqual([
      "second-picture",
      "gain-map",
    ]);
  });

  it("a gain map is for one that only the second picture tells of, as Apple has it", async () => {
    const words = 'type="urn:com:apple:photo:2020:aux:hdrgainmap"';
    const file = make.withSegments(await make.jpeg(small), xmp(words));
    expect(codes(await several([{ kind: 0, file }]))).toEqual(["gain-map"]);
  });

  it("lost depth is for 16 bits", () => {
    const deep = { width: 20, height: 20, colourType: 2, bitDepth: 16, sample: () => 999 } as const;
    expect(codes(make.png(deep))).toEqual(["sixteen-bit"]);
    expect(codes(make.pngOf(small, 2))).toEqual([]);
  });
});
