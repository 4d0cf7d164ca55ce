/**
 * ICC profiles of colour spaces that a HEIC gives by numbers (ITU-T H.273), for JPEG and PNG, which need a profile.
 * Layout: ICC.1:2022, clauses 7 and 10.
 */
import { concat, viewOf } from "./bytes.ts";

export interface Cicp {
  readonly primaries: number;
  readonly transfer: number;
}

/** XYZ of red, green and blue under D50, by the number of the primaries. */
const COLORANTS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  // Display P3
  12: [
    [0.51512, 0.2412, -0.00105],
    [0.29198, 0.69225, 0.04189],
    [0.1571, 0.06657, 0.78407],
  ],
  // BT.2020
  9: [
    [0.67348, 0.27904, -0.00194],
    [0.16566, 0.67534, 0.02998],
    [0.12505, 0.04561, 0.79686],
  ],
};
const D50 = [0.9642, 1, 0.8249];
/** From D65 to D50, by Bradford's method. */
const ADAPTATION = [1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00923, 0.01508, 0.75168];
/** sRGB's curve: power, factor, offset, slope near black, and where that ends. */
const CURVE = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045];
/** Transfer functions of HDR pictures, which no such curve describes. */
const HDR = [16, 18];

const text = (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0));

/** Numbers with 16 bits behind the point, behind the name of their type. */
function fixed(
  type: string,
  values: readonly number[],
  head: readonly number[] = [],
): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(4 * values.length);
  for (const [i, value] of values.entries()) viewOf(data).setInt32(4 * i, Math.round(value * 65_536));
  return concat([text(`${type}\0\0\0\0`), Uint8Array.from(head), data]);
}

/** English words in UTF-16. */
function words(value: string): Uint8Array {
  const data = new Uint8Array(28 + 2 * value.length);
  data.set(text("mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS"));
  const view = viewOf(data);
  view.setUint32(20, 2 * value.length);
  view.setUint32(24, 28);
  for (let i = 0; i < value.length; i++) view.setUint16(28 + 2 * i, value.charCodeAt(i));
  return data;
}

/** @returns `undefined` for sRGB, which is meant where there is no profile, and for spaces that are not known */
export function profileOf({ primaries, transfer }: Cicp): Uint8Array<ArrayBuffer> | undefined {
  const colorants = COLORANTS[primaries];
  if (!colorants || HDR.includes(transfer)) return undefined;
  const [red, green, blue] = colorants.map((colorant) => fixed("XYZ ", colorant));
  const SRGB_LIKE = [0, 3, 0, 0];
  const curve = fixed("para", CURVE, SRGB_LIKE);
  const tags = {
    desc: words(primaries === 12 ? "Display P3" : "BT.2020"),
    cprt: words("CC0"),
    wtpt: fixed("XYZ ", D50),
    chad: fixed("sf32", ADAPTATION),
    ...{ rXYZ: red, gXYZ: green, bXYZ: blue },
    ...{ rTRC: curve, gTRC: curve, bTRC: curve },
  } as Readonly<Record<string, Uint8Array>>;
  const entries = Object.entries(tags);
  const table = new Uint8Array(4 + 12 * entries.length);
  viewOf(table).setUint32(0, entries.length);
  const parts: Uint8Array[] = [];
  let end = 128 + table.length;
  for (const [i, [name, data]] of entries.entries()) {
    table.set(text(name), 4 + 12 * i);
    viewOf(table).setUint32(8 + 12 * i, end);
    viewOf(table).setUint32(12 + 12 * i, data.length);
    const padded = new Uint8Array(4 * Math.ceil(data.length / 4));
    padded.set(data);
    parts.push(padded);
    end += padded.length;
  }
  const header = new Uint8Array(128);
  viewOf(header).setUint32(0, end);
  header.set([4, 0x30], 8);
  header.set(text("mntrRGB XYZ "), 12);
  header.set(text("acsp"), 36);
  header.set(fixed("XYZ ", D50).subarray(8), 68);
  return concat([header, table, ...parts]);
}
