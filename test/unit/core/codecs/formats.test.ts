import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { encode } from "../../../../src/core/codecs/encode.ts";
import { formatOf, formats } from "../../../../src/core/codecs/formats.ts";
import { decode, sniff } from "../../../../src/core/codecs/index.ts";
import * as make from "./pictures.ts";

const { resolve } = createRequire(import.meta.url);

const written = formats.filter(({ encode }) => encode);

it("those that Penumbra does not write are written as others", () => {
  for (const format of formats) expect(format.writtenAs === undefined).toBe(written.includes(format));
});

describe.each(written)("$name in the table of formats", (format) => {
  it("is found by its type, and its binaries in node_modules", () => {
    expect(formatOf(format.type)).toBe(format);
    for (const path of format.binaries) expect(resolve(path)).toMatch(/\.wasm$/);
  });

  it("recognises and decodes the files that it encodes, and only it does", async () => {
    const pixels = make.scene(48, 33);
    const info = {
      type: format.type,
      width: 48,
      height: 33,
      orientation: 1,
      grey: false,
      alpha: false,
      components: 3,
      bitDepth: 8,
    } as const;
    const bytes = await encode(pixels, { info });
    expect(formats.filter((one) => one.matches(bytes))).toEqual([format]);
    const found = sniff(bytes);
    expect(found).toMatchObject({ type: format.type, width: 48, height: 33 });
    expect(make.meanDifference(await decode(bytes, found), pixels)).toBeLessThan(6);
  });
});

it("a type that is not in the table is an error of the program", () => {
  expect(() => formatOf("image/jxl")).toThrow("image/jxl");
});
