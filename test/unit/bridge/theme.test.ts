/** The palette: every pair of colours that meets on a page, computed by WCAG 2's formula. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../scripts/lib/root.ts";
import { badgeColours } from "../../../src/bridge/badge-colours.ts";

const css = readFileSync(join(ROOT, "src/bridge/theme.css"), "utf8");

/** Light and dark value of each token that is one colour in both. */
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, light, dark]) => [
    name as string,
    { light: light as string, dark: dark as string },
  ]),
);

type Scheme = "light" | "dark";

function colour(name: string, scheme: Scheme): string {
  const token = tokens.get(name);
  if (!token) throw new Error(`expected a token --${name}`);
  return token[scheme];
}

const channels = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** Relative luminance of sRGB channels of 0..255. */
function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: readonly number[], b: readonly number[]): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const between = (a: string, b: string, scheme: Scheme) =>
  contrast(channels(colour(a, scheme)), channels(colour(b, scheme)));

const GROUNDS = ["paper", "surface", "sunken", "accent-wash", "problem-wash"];

describe.each(["light", "dark"] as const)("in %s colours", (scheme) => {
  it.each<readonly [string, string]>([
    ...["ink", "ink-soft", "accent", "problem", "success"].flatMap((text) =>
      GROUNDS.map((ground) => [text, ground] as const),
    ),
    // Text on a filled button or sign.
    ["surface", "ink"],
    ["surface", "ink-soft"],
    ["surface", "problem"],
  ])("text in --%s can be read on --%s", (text, ground) => {
    expect(between(text, ground, scheme)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(["corona", "edge", "accent"].flatMap((shape) => GROUNDS.map((ground) => [shape, ground] as const)))(
    "a shape in --%s is seen on --%s",
    (shape, ground) => {
      expect(between(shape, ground, scheme)).toBeGreaterThanOrEqual(3);
    },
  );

  it("the disc of a switch is seen on its track", () => {
    expect(between("umbra", "corona", scheme)).toBeGreaterThanOrEqual(3);
  });
});

it("text over a picture can be read whatever the picture shows", () => {
  const [, ...veil] = (/--over-picture: rgb\((\d+) (\d+) (\d+) \/ (\d+)%\)/.exec(css) ?? []).map(Number);
  const [, ink = ""] = /--over-picture-ink: (#\w{6})/.exec(css) ?? [];
  const alpha = (veil[3] as number) / 100;
  const onWhite = veil.slice(0, 3).map((value) => alpha * value + (1 - alpha) * 255);
  expect(contrast(channels(ink), onWhite)).toBeGreaterThanOrEqual(4.5);
});

describe("the badge", () => {
  it("has colours of the theme, as they are in light", () => {
    expect(badgeColours).toEqual({
      working: colour("accent", "light"),
      failed: colour("problem", "light"),
      done: colour("success", "light"),
      text: colour("surface", "light"),
    });
  });

  it("can be read", () => {
    for (const ground of [badgeColours.working, badgeColours.failed, badgeColours.done])
      expect(contrast(channels(badgeColours.text), channels(ground))).toBeGreaterThanOrEqual(4.5);
  });
});

it("no other file of src has colours of its own", () => {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(css|tsx?|html)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const coloured = files.filter((file) =>
    /(?<!\w)#[0-9a-f]{3,8}\b(?=[\s;,)"'`}])|\b(?:rgba?|hsla?|oklch)\(/i.test(readFileSync(file, "utf8")),
  );
  expect(coloured.map((file) => relative(ROOT, file))).toEqual([
    join("src", "bridge", "badge-colours.ts"),
    join("src", "bridge", "theme.css"),
  ]);
});
