/** Pictures with few colours, as drawings and files with a palette: a change must not make so many that the file grows. */
import { colourNumbers, distinctColours, PALETTE } from "../contract/colours.ts";
import type { Pixels } from "../contract/pixels.ts";

/** RGBA, four bytes. */
type Colour = Uint8ClampedArray;

/**
 * The nearest colour that a pixel may become: one that the picture has, with the same alpha, or, if a palette can hold
 * these too, one of its colours made lighter or darker by the whole budget.
 * @param bound largest change of a channel, in 255ths
 * @returns from a pixel's colour and the one that the perturbation makes of it to the one that it gets, all as numbers
 * (see `colourNumbers`); `undefined` where the picture has more colours than a palette
 */
export function coloursOfPalette(
  pixels: Pixels,
  bound: number,
): ((from: number, to: number) => number) | undefined {
  const distinct = distinctColours(colourNumbers(pixels), PALETTE);
  if (!distinct) return undefined;
  const own = [...distinct.values()].map(({ first }) => pixels.data.subarray(4 * first, 4 * first + 4));
  const all =
    3 * own.length <= PALETTE ? own.flatMap((c) => [c, lighter(c, bound), lighter(c, -bound)]) : own;
  const ids = new Map([...distinct.keys()].map((number, id) => [number, id]));
  const near = own.map((from) => all.filter((to) => isWithin(bound, from, to)));
  const found = new Map<number, number>();
  return (from, to) => {
    const id = ids.get(from) as number;
    const key = id * 2 ** 32 + to;
    const known = found.get(key);
    if (known !== undefined) return known;
    const wanted = colourOf(to);
    const nearest = (near[id] as Colour[]).reduce((a, b) =>
      distance(b, wanted) < distance(a, wanted) ? b : a,
    );
    const [number] = colourNumbers({ width: 1, height: 1, data: nearest }) as unknown as [number];
    found.set(key, number);
    return number;
  };
}

function colourOf(number: number): Colour {
  return new Uint8ClampedArray(Uint32Array.of(number).buffer);
}

function lighter([r, g, b, alpha]: Colour, by: number): Colour {
  return Uint8ClampedArray.of((r as number) + by, (g as number) + by, (b as number) + by, alpha as number);
}

function isWithin(bound: number, from: Colour, to: Colour): boolean {
  return from[3] === to[3] && from.every((value, i) => Math.abs(value - (to[i] as number)) <= bound);
}

function distance(a: Colour, b: Colour): number {
  return a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0);
}
