/** The table of file formats. A new one is a file in formats/ and a line here. */
import type { Format } from "./format.ts";
import { jpeg } from "./formats/jpeg.ts";
import { png } from "./formats/png.ts";
import { webp } from "./formats/webp.ts";

const FORMATS = [jpeg, png, webp] as const satisfies readonly Format[];

/** Path of a WASM binary in node_modules. A place that bundles the binaries has a table with each of them. */
export type CodecBinary = (typeof FORMATS)[number]["binaries"][number];

export const formats: readonly Format[] = FORMATS;

/** @param type a MIME type that `sniff` gave */
export function formatOf(type: string): Format {
  const format = formats.find((one) => one.type === type);
  if (!format) throw new RangeError(`expected the type of a known format, got ${type}`);
  return format;
}
