/** SSIMULACRA 2 against the scores of the Python package with which the lab measures. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";
import { ssimulacra2 } from "../../../../src/core/engine/ssimulacra2.ts";

interface Golden {
  readonly width: number;
  readonly height: number;
  readonly most: number;
  readonly kind: "grain" | "even";
  readonly score: number;
}

const { scores } = JSON.parse(readFileSync(new URL("ssimulacra2.golden.json", import.meta.url), "utf8")) as {
  scores: Golden[];
};

type Value = (x: number, y: number, c: number) => number;

/** The formulas of lab/ssimulacra2_golden.py. */
const original: Value = (x, y, c) => {
  const checks = (Math.floor(x / 16) + Math.floor(y / 16)) % 2;
  return ((x * (3 + c) + Math.floor((y * y) / 7) + 60 * c + checks * 50) % 200) + 20;
};
const changed =
  ({ most, kind }: Golden): Value =>
  (x, y, c) =>
    original(x, y, c) +
    (kind === "even" ? most : ((x * 13 + y * 29 + x * y + 17 * c) % (2 * most + 1)) - most);

function draw({ width, height }: Golden, value: Value): Pixels {
  const data = new Uint8ClampedArray(4 * width * height).map((_, i) => {
    const at = i >> 2;
    return (i & 3) === 3 ? 255 : value(at % width, Math.floor(at / width), i & 3);
  });
  return { width, height, data };
}

describe("SSIMULACRA 2", () => {
  it.each(scores)(
    "of $width x $height pixels changed by $most ($kind) has the score of the package",
    (golden) => {
      expect(ssimulacra2(draw(golden, original), draw(golden, changed(golden)))).toBeCloseTo(golden.score, 1);
    },
  );

  it("is 100 for equal pictures and for tiny ones", () => {
    const [golden] = scores as [Golden];
    expect(ssimulacra2(draw(golden, original), draw(golden, original))).toBe(100);
    const tiny = { ...golden, width: 7, height: 7 };
    expect(ssimulacra2(draw(tiny, original), draw(tiny, changed(tiny)))).toBe(100);
  });

  it("is refused for pictures of different sizes", () => {
    const [golden] = scores as [Golden];
    expect(() => ssimulacra2(draw(golden, original), draw({ ...golden, width: 9 }, original))).toThrow(
      RangeError,
    );
  });
});
