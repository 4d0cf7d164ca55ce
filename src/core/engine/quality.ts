/** How much a picture changed, in numbers. Of the colour channels only, since alpha never changes. */
import type { Pixels } from "../contract/pixels.ts";

/** Reported in place of the infinite PSNR of equal pictures. */
export const PSNR_OF_EQUAL = 99;

/** Largest difference of a channel value, in 255ths. */
export function maxChange(a: Pixels, b: Pixels): number {
  return changeOf(a, b).maxChange;
}

/** Peak signal-to-noise ratio over R, G and B, in dB. */
export function psnr(a: Pixels, b: Pixels): number {
  return changeOf(a, b).psnr;
}

/** {@link maxChange} and {@link psnr} at once. */
export function changeOf(a: Pixels, b: Pixels): { readonly maxChange: number; readonly psnr: number } {
  expectSameSize(a, b);
  const [before, after] = [a.data, b.data];
  let largest = 0;
  let squares = 0;
  for (let at = 0; at < before.length; at += 4) {
    const red = Math.abs((before[at] as number) - (after[at] as number));
    const green = Math.abs((before[at + 1] as number) - (after[at + 1] as number));
    const blue = Math.abs((before[at + 2] as number) - (after[at + 2] as number));
    if (red > largest) largest = red;
    if (green > largest) largest = green;
    if (blue > largest) largest = blue;
    squares += red * red + green * green + blue * blue;
  }
  const psnr = squares === 0 ? PSNR_OF_EQUAL : 10 * Math.log10((255 ** 2 * 3 * a.width * a.height) / squares);
  return { maxChange: largest, psnr };
}

/** Side of the window of {@link ssim}, in pixels. */
const WINDOW = 7;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * Mean structural similarity of luma (Wang et al. 2004) over 7 x 7 windows with sample covariance, as
 * scikit-image computes it by default. It uses running sums along rows and columns, so the cost does not grow
 * with the window.
 * @returns -1..1; pictures with a side under 7 are compared as a whole
 */
export function ssim(a: Pixels, b: Pixels): number {
  expectSameSize(a, b);
  const { width, height } = a;
  const windowW = Math.min(WINDOW, width);
  const windowH = Math.min(WINDOW, height);
  const n = windowW * windowH;
  const unbiased = n > 1 ? n / (n - 1) : 1;
  // Column sums over the last windowH rows, of a, b, a^2, b^2 and ab.
  const columns = Array.from({ length: 5 }, () => new Float64Array(width));
  const [sa, sb, saa, sbb, sab] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const rowsA = Array.from({ length: windowH }, () => new Float64Array(width));
  const rowsB = Array.from({ length: windowH }, () => new Float64Array(width));
  let total = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    const ra = rowsA[y % windowH] as Float64Array;
    const rb = rowsB[y % windowH] as Float64Array;
    for (let x = 0; x < width; x++) {
      const oldA = ra[x] as number;
      const oldB = rb[x] as number;
      const newA = luma(a.data, 4 * (y * width + x));
      const newB = luma(b.data, 4 * (y * width + x));
      ra[x] = newA;
      rb[x] = newB;
      sa[x] = (sa[x] as number) + newA - oldA;
      sb[x] = (sb[x] as number) + newB - oldB;
      saa[x] = (saa[x] as number) + newA * newA - oldA * oldA;
      sbb[x] = (sbb[x] as number) + newB * newB - oldB * oldB;
      sab[x] = (sab[x] as number) + newA * newB - oldA * oldB;
    }
    if (y < windowH - 1) continue;
    let wa = 0;
    let wb = 0;
    let waa = 0;
    let wbb = 0;
    let wab = 0;
    for (let x = 0; x < width; x++) {
      wa += sa[x] as number;
      wb += sb[x] as number;
      waa += saa[x] as number;
      wbb += sbb[x] as number;
      wab += sab[x] as number;
      if (x >= windowW) {
        wa -= sa[x - windowW] as number;
        wb -= sb[x - windowW] as number;
        waa -= saa[x - windowW] as number;
        wbb -= sbb[x - windowW] as number;
        wab -= sab[x - windowW] as number;
      }
      if (x < windowW - 1) continue;
      const ma = wa / n;
      const mb = wb / n;
      const va = unbiased * (waa / n - ma * ma);
      const vb = unbiased * (wbb / n - mb * mb);
      const vab = unbiased * (wab / n - ma * mb);
      total += ((2 * ma * mb + C1) * (2 * vab + C2)) / ((ma * ma + mb * mb + C1) * (va + vb + C2));
      count++;
    }
  }
  return total / count;
}

function luma(data: Uint8ClampedArray, at: number): number {
  return 0.299 * (data[at] as number) + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number);
}

function expectSameSize(a: Pixels, b: Pixels): void {
  if (a.width !== b.width || a.height !== b.height)
    throw new RangeError(
      `expected pictures of one size, got ${a.width}x${a.height} and ${b.width}x${b.height}`,
    );
}
