import { describe, expect, it } from "vitest";
import { showsNothing } from "../../../../src/core/protect/shows-nothing.ts";
import { evenly, scene } from "../codecs/pictures.ts";

const grey = [90, 90, 90, 255] as const;

/** An even picture with one value changed. */
function spotted(at: number) {
  const picture = evenly(40, 30, grey);
  picture.data[at] = 91;
  return picture;
}

describe("a picture shows nothing", () => {
  it.each([
    ["of one colour", evenly(40, 30, grey)],
    ["fully transparent", evenly(40, 30, [0, 0, 0, 0])],
    ["of one colour and one pixel high", evenly(300, 1, grey)],
    ["of one pixel", scene(1, 1)],
    ["of 15 by 15 pixels", scene(15, 15)],
  ])("when it is %s", (_, picture) => expect(showsNothing(picture)).toBe(true));

  it.each([
    ["a channel of its last pixel differs", spotted(4 * 40 * 30 - 2)],
    ["only its transparency differs", spotted(3)],
    ["one side has 16 pixels", scene(16, 3)],
  ])("but not when %s", (_, picture) => expect(showsNothing(picture)).toBe(false));
});
