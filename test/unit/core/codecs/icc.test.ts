/** Profiles keep what defines colours, and nothing else. */
import { describe, expect, it } from "vitest";
import { concat } from "../../../../src/core/codecs/bytes.ts";
import { cleanProfile } from "../../../../src/core/codecs/icc.ts";
import { profileOf, text } from "./pictures.ts";

const number = (length: number, value: number) => new Uint8Array(length).fill(value);
const colours = { rXYZ: number(20, 1), gXYZ: number(20, 2), bXYZ: number(20, 3), rTRC: number(12, 4) };
const clean = profileOf(colours);
const has = (bytes: Uint8Array | undefined, words: string) =>
  String.fromCharCode(...(bytes ?? [])).includes(words);

describe("a profile", () => {
  it("with nothing to take out stays as it is", () => {
    expect(cleanProfile(clean)).toEqual(clean);
  });

  it("loses tags of others, bytes between tags and bytes behind its end", () => {
    const words = text("here is a thumbnail of the original.....");
    expect(cleanProfile(profileOf({ ...colours, priv: words }))).toEqual(clean);
    expect(cleanProfile(concat([clean, words]))).toEqual(clean);
    const gap = profileOf({ aaaa: words, ...colours });
    expect(has(gap, "thumbnail")).toBe(true);
    expect(cleanProfile(gap)).toEqual(clean);
  });

  it("keeps short words that readers require, and loses long ones", () => {
    expect(has(cleanProfile(profileOf({ ...colours, desc: text("sRGB") })), "sRGB")).toBe(true);
    const long = profileOf({ ...colours, desc: text("a diary ".repeat(99)) });
    expect(cleanProfile(long)).toEqual(clean);
  });

  it("keeps data that tags share in one place", () => {
    const shared = profileOf({ rTRC: number(400, 7), gTRC: number(0, 0) });
    // The second tag points to the data of the first.
    shared.set(shared.subarray(132 + 4, 132 + 12), 132 + 12 + 4);
    const cleaned = cleanProfile(shared);
    expect(cleaned).toHaveLength(shared.length);
    expect(cleaned?.slice(136, 144)).toEqual(cleaned?.slice(148, 156));
  });
});

it.each([
  ["words", text("not a profile at all".repeat(20))],
  ["a few bytes", clean.subarray(0, 100)],
  ["a table that is cut off", clean.subarray(0, 140)],
  ["a tag outside of it", clean.subarray(0, clean.length - 1)],
  ["no tag that defines colours", profileOf({ priv: text("note") })],
])("%s instead of a profile are dropped", (_, bytes) => {
  expect(cleanProfile(bytes)).toBeUndefined();
});
