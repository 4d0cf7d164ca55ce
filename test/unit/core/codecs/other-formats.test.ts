/** The formats that tests cannot write: fixtures against Pillow's pixels, and what of each stays in the finished file. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../../scripts/lib/root.ts";
import { concat } from "../../../../src/core/codecs/bytes.ts";
import { encode } from "../../../../src/core/codecs/encode.ts";
import { decode, noticesOf, sniff } from "../../../../src/core/codecs/index.ts";
import { Problem } from "../../../../src/core/contract/problem.ts";
import * as make from "./pictures.ts";

const FOLDER = join(ROOT, "test/fixtures/formats");
const read = (name: string) => new Uint8Array(readFileSync(join(FOLDER, name)));
const names = readdirSync(FOLDER).filter((name) => /\.(avif|heic|tif|bmp|gif)$/.test(name));

/** As Pillow decodes a fixture. It leaves AVIFs as they are stored. */
async function expected(name: string) {
  const png = read(`${name}.png`);
  return await decode(png, sniff(png));
}

const codes = (name: string) => noticesOf(sniff(read(name))).map(({ code }) => code);

function problemOf(bytes: Uint8Array): Problem {
  try {
    sniff(bytes);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("expected a Problem");
}

describe("Pillow's pixels", () => {
  it.each(names.filter((name) => name !== "moving.avif"))("are those of %s", async (name) => {
    const bytes = read(name);
    const info = sniff(bytes);
    const pixels = await decode(bytes, { ...info, orientation: 1 });
    // Decoders of lossy formats may round colours in other ways.
    const most = /avif|heic/.test(name) ? 3 : 0;
    expect(make.maxDifference(pixels, await expected(name))).toBeLessThanOrEqual(most);
  });

  it("are there for all kinds", () => expect(names.length).toBeGreaterThan(30));
});

describe("a header", () => {
  it.each([2, 3, 4, 5, 6, 7, 8])("of an AVIF says how it is turned: %i", (value) => {
    expect(sniff(read(`turned-${value}.avif`)).orientation).toBe(value);
  });

  it("of an AVIF says how chroma is stored, and what is transparent or grey", () => {
    expect(sniff(read("colour.avif"))).toMatchObject({ subsampling: "4:2:0", alpha: false, grey: false });
    expect(sniff(read("full-chroma.avif")).subsampling).toBe("4:4:4");
    expect(sniff(read("clear.avif"))).toMatchObject({ alpha: true, components: 4 });
    expect(sniff(read("grey.avif"))).toMatchObject({ grey: true, components: 1 });
  });

  it("of a phone's HEIC gives the size that is shown, after turn and crop", () => {
    expect(sniff(read("phone.heic"))).toMatchObject({ width: 60, height: 100, orientation: 1 });
    expect(sniff(read("colour.heic"))).toMatchObject({ width: 61, height: 37 });
  });

  it("of a moving AVIF is refused", () => {
    expect(problemOf(read("moving.avif")).data).toEqual({ code: "animated", format: "AVIF" });
  });
});

describe("notices", () => {
  it("say what will be another format", () => {
    expect(noticesOf(sniff(read("colour.heic")))).toEqual([
      { code: "format-changed", from: "HEIC", to: "JPEG", extension: "jpg" },
    ]);
    expect(noticesOf(sniff(read("clear.heic")))).toMatchObject([{ to: "PNG" }]);
    for (const name of ["lzw.tif", "colour.bmp", "few.gif"])
      expect(noticesOf(sniff(read(name)))).toMatchObject([{ to: "PNG", extension: "png" }]);
    expect(codes("colour.avif")).toEqual([]);
  });

  it("say what will be lost", () => {
    expect(codes("ten-bit.heic")).toContain("sixteen-bit");
    expect(codes("sixteen-bit.tif")).toContain("sixteen-bit");
    expect(codes("two.heic")).toContain("second-picture");
    expect(codes("pages.tif")).toContain("second-picture");
    // The thumbnail and the gain map are no second pictures.
    expect(codes("phone.heic")).toEqual(["format-changed", "gain-map"]);
  });
});

describe("a finished file", () => {
  const finished = async (name: string) => {
    const bytes = read(name);
    const info = sniff(bytes);
    return sniff(await encode(await decode(bytes, info), { info, bytes: bytes.length }));
  };

  it.each(["colour.avif", "colour.heic"])("keeps the colour profile of %s", async (name) => {
    const { icc } = sniff(read(name));
    expect(icc?.length).toBeGreaterThan(400);
    expect((await finished(name)).icc).toEqual(icc);
  });

  it("gets a profile for the colour space that a HEIC gives by numbers", async () => {
    const { icc } = await finished("wide.heic");
    // Header, then tags that a reader of profiles finds.
    expect(String.fromCharCode(...(icc ?? []))).toMatch(/^.{12}mntrRGB XYZ .*acsp.*rXYZ.*rTRC.*para/s);
    expect(sniff(read("two.heic")).icc).toBeUndefined();
  });

  it("keeps the colour profile of a TIFF, in a PNG", async () => {
    expect(sniff(read("palette.tif")).icc?.length).toBeGreaterThan(400);
    expect((await finished("palette.tif")).profileChunk?.length).toBeGreaterThan(200);
  });

  it("keeps the numbers of an AVIF's colour space", async () => {
    const info = { ...sniff(read("full-chroma.avif")), cicp: { primaries: 12, transfer: 13 } };
    const file = await encode(make.scene(61, 37), { info });
    expect(sniff(file)).toMatchObject({ cicp: { primaries: 12, transfer: 13 }, subsampling: "4:4:4" });
  });

  it("keeps the size in print", async () => {
    for (const name of ["none.tif", "colour.bmp"])
      expect((await finished(name)).density).toEqual({ across: 11_811, down: 11_811 });
    const { density } = await finished("phone.heic");
    expect(density?.across).toBeCloseTo(240 / 0.0254, 0);
  });

  it("of an AVIF is about as large as the original", async () => {
    const pixels = make.scene(320, 240);
    const info = sniff(read("full-chroma.avif"));
    const original = await encode(pixels, { info: { ...info, width: 320, height: 240 } });
    const file = await encode(make.perturb(pixels), { info: sniff(original), bytes: original.length });
    expect(file.length / original.length).toBeGreaterThan(0.7);
    expect(file.length / original.length).toBeLessThan(1.4);
    expect(make.meanDifference(await decode(file, sniff(file)), pixels)).toBeLessThan(8);
  });

  it.each(["colour.avif", "grey.avif", "clear.avif"])("has the channels of %s", async (name) => {
    const { grey, alpha, components } = sniff(read(name));
    expect(await finished(name)).toMatchObject({ type: "image/avif", grey, alpha, components });
  });
});

describe("a hostile file", () => {
  const resized = (name: string, width: number, height: number) => resize(read(name), width, height);

  /** Changes every size in the boxes of an AVIF or HEIC. */
  function resize(bytes: make.Bytes, width: number, height: number) {
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length - 20; at++)
      if (String.fromCharCode(...bytes.subarray(at, at + 4)) === "ispe") {
        view.setUint32(at + 8, width);
        view.setUint32(at + 12, height);
      }
    return bytes;
  }

  /** Numbers in a TIFF's directory. */
  function retagged(name: string, tags: Readonly<Record<number, number>>) {
    const bytes = read(name);
    const view = new DataView(bytes.buffer);
    const directory = view.getUint32(4, true);
    for (let i = 0, at = directory + 2; i < view.getUint16(directory, true); i++, at += 12) {
      const value = tags[view.getUint16(at, true)];
      if (value === undefined) continue;
      view.setUint16(at + 2, 4, true);
      view.setUint32(at + 8, value, true);
    }
    return bytes;
  }

  /** Greys in one strip. */
  function tiffOf(width: number, height: number, strip: Uint8Array) {
    const tags = [
      [256, width],
      [257, height],
      [258, 8],
      [259, 8],
      [262, 1],
      [273, 122],
      [279, strip.length],
    ] as const;
    const head = new Uint8Array(122);
    const view = new DataView(head.buffer);
    head.set([0x49, 0x49, 42, 0, 8, 0, 0, 0, tags.length]);
    for (const [i, [tag, value]] of tags.entries()) {
      view.setUint16(10 + 12 * i, tag, true);
      view.setUint16(12 + 12 * i, 4, true);
      view.setUint32(14 + 12 * i, 1, true);
      view.setUint32(18 + 12 * i, value, true);
    }
    return concat([head, strip]);
  }

  function hugeBmp() {
    const bytes = read("colour.bmp");
    const view = new DataView(bytes.buffer);
    view.setInt32(18, 9000, true);
    view.setInt32(22, 9000, true);
    return bytes;
  }

  function hugeGif() {
    const bytes = read("few.gif");
    const view = new DataView(bytes.buffer);
    view.setUint16(6, 9000, true);
    view.setUint16(8, 9000, true);
    return bytes;
  }

  const huge = { 256: 9000, 257: 9000, 278: 9000 };
  it.each([
    ["an AVIF of a few bytes", () => resized("full-chroma.avif", 20_000, 5000)],
    ["a HEIC of a few bytes", () => resized("phone.heic", 20_000, 5000)],
    ["a BMP", hugeBmp],
    ["a GIF", hugeGif],
    ["a TIFF", () => retagged("none.tif", huge)],
    ["a packed TIFF", () => retagged("packbits.tif", huge)],
    ["a TIFF with LZW", () => retagged("lzw.tif", huge)],
  ])("that declares millions of pixels is refused by its header: %s", (_, bytes) => {
    expect(problemOf(bytes()).kind).toBe("corrupt");
  });

  it.each([
    ["too-large", () => resized("full-chroma.avif", 30_000, 30_000)],
    ["too-large", () => retagged("lzw.tif", { 256: 30_001 })],
  ])("over the limits is %s", (kind, bytes) => expect(problemOf(bytes()).kind).toBe(kind));

  it.each(["full-chroma.avif", "ten-bit.heic"])("whose boxes tell another size is refused: %s", (name) => {
    for (const [width, height] of [
      [600, 600],
      [100, 90],
    ] as const)
      expect(problemOf(resized(name, width, height)).kind).toBe("corrupt");
  });

  it("whose coded data are much larger than it says is refused before they are decoded", async () => {
    const info = sniff(read("full-chroma.avif"));
    const large = await encode(make.scene(1500, 1000), { info: { ...info, width: 1500, height: 1000 } });
    expect(problemOf(resize(large, 61, 37)).data).toMatchObject({ damage: "description-wrong" });
  });

  it("with a list of places that take no bytes is refused at once", () => {
    const box = (type: string, ...parts: Uint8Array[]) => {
      const head = new Uint8Array(8);
      const data = concat(parts);
      new DataView(head.buffer).setUint32(0, 8 + data.length);
      head.set(make.text(type), 4);
      return concat([head, data]);
    };
    const count = 20_000;
    const places = new Uint8Array(8 + 6 * count);
    const view = new DataView(places.buffer);
    view.setUint16(6, count);
    for (let at = 8; at < places.length; at += 6) view.setUint16(at + 4, 65_535);
    const primary = Uint8Array.of(0, 0, 0, 0, 0, 1);
    const meta = box("meta", new Uint8Array(4), box("pitm", primary), box("iloc", places));
    const from = performance.now();
    expect(problemOf(concat([box("ftyp", make.text("heic\0\0\0\0mif1heic")), meta])).kind).toBe("corrupt");
    expect(performance.now() - from).toBeLessThan(1000);
  });

  it("with a bomb in a strip is refused, without waiting for all of it", async () => {
    const bytes = tiffOf(16, 16, deflateSync(new Uint8Array(2 ** 28)));
    const from = performance.now();
    await expect(decode(bytes, sniff(bytes))).rejects.toMatchObject({ kind: "corrupt" });
    expect(performance.now() - from).toBeLessThan(1000);
    const right = tiffOf(16, 16, deflateSync(new Uint8Array(256).fill(7)));
    expect((await decode(right, sniff(right))).data[0]).toBe(7);
  });

  it.each([
    ["a raw file", { 262: 32_803 }, "unsupported/format"],
    ["a rare compression", { 259: 7 }, "unsupported/compression"],
    ["rare colours", { 262: 8 }, "unsupported/colours"],
    ["colours in planes", { 284: 2 }, "unsupported/colours"],
  ])("of TIFF's kind is refused in its own words: %s", (_, tags, code) => {
    expect(problemOf(retagged("none.tif", tags as Record<number, number>)).code).toBe(code);
  });

  it.each(names.filter((name) => !/moving|pages/.test(name)))(
    "that is cut off is found: %s",
    async (name) => {
      const bytes = read(name);
      for (let share = 0.05; share < 1; share += 0.1) {
        const part = bytes.subarray(0, Math.floor(share * (bytes.length - 4)));
        await expect((async () => decode(part, sniff(part)))()).rejects.toBeInstanceOf(Problem);
      }
    },
  );
});
