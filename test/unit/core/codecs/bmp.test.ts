/** BMPs that Pillow does not write. That browsers show the same is in `test/e2e/formats.test.ts`. */
import { describe, expect, it } from "vitest";
import { decode, sniff } from "../../../../src/core/codecs/index.ts";
import * as make from "./pictures.ts";

const files = make.rareBmps();
const pixelsOf = async (name: string) => {
  const bytes = files[name] as make.Bytes;
  const { data } = await decode(bytes, sniff(bytes));
  return {
    info: sniff(bytes),
    data,
    at: (x: number, y: number) => [...data.subarray(4 * (20 * y + x)).subarray(0, 4)],
  };
};

describe("a BMP", () => {
  it.each(Object.keys(files))("of %s is read", async (name) => {
    expect((await pixelsOf(name)).data).toHaveLength(4 * 20 * 18);
  });

  it("in runs has the colours of its palette, from the lowest row on", async () => {
    const { at, info } = await pixelsOf("runs of 8 bits");
    const colour = (index: number) => [2, 1, 0].map((i) => ((4 * index + i) * 37) % 256);
    expect(at(0, 17)).toEqual([...colour(3), 255]);
    expect([7, 8, 11, 12].map((x) => at(x, 0).slice(0, 3))).toEqual([1, 2, 5, 9].map(colour));
    expect(info.grey).toBe(false);
  });

  it("has alpha only where it says which bits are alpha", async () => {
    expect((await pixelsOf("32 bits without alpha")).at(3, 3)[3]).toBe(255);
    const { info, at } = await pixelsOf("32 bits with alpha");
    expect(info.alpha).toBe(true);
    expect([at(0, 0)[3], at(1, 0)[3]]).toEqual([255, 0]);
  });
});
