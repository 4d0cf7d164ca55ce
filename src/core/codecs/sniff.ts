/** Tells what a file is by its bytes alone, since names and MIME types may be wrong. */
import { MAX_ASPECT, MAX_PIXELS, MAX_SIDE, MIN_SIDE } from "../contract/pixels.ts";
import { Problem } from "../contract/problem.ts";
import { foreignFormat } from "./foreign.ts";
import { corruptPicture, type Format } from "./format.ts";
import { formats } from "./formats.ts";
import type { PictureInfo } from "./picture-info.ts";

/**
 * Reads only headers.
 *
 * @throws Problem `empty`, `corrupt`, `unsupported` (another kind of file), `animated`, `too-large` (over
 * {@link MAX_PIXELS} pixels or {@link MAX_SIDE} on a side).
 */
export function sniff(bytes: Uint8Array): PictureInfo {
  if (bytes.length === 0) throw new Problem({ code: "empty" });
  const format: Format | undefined = formats.find((one) => one.matches(bytes));
  if (!format) throw refusal(bytes);
  const info = format.readHeader(bytes);
  const { width, height } = info;
  if (width < 1 || height < 1) throw new Problem({ code: "corrupt/no-pixels" });
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS)
    throw new Problem({ code: "too-large/picture", width, height });
  // A file of a few bytes could declare a size that takes a decoder minutes and gigabytes.
  if (width * height > (format.mostPixelsPerByte ?? Number.POSITIVE_INFINITY) * bytes.length)
    throw corruptPicture(format, "part-missing");
  return info;
}

/** Whether a file begins like a picture of a format that can be read. */
export function beginsLikePicture(bytes: Uint8Array): boolean {
  return formats.some(({ matches }) => matches(bytes));
}

/**
 * Whether a picture of this shape can hold a perturbation.
 *
 * @throws Problem `too-small` (a side under {@link MIN_SIDE}), `too-thin` (a side over {@link MAX_ASPECT} times the other)
 */
export function checkShape({ width, height }: Pick<PictureInfo, "width" | "height">): void {
  if (width < MIN_SIDE || height < MIN_SIDE) throw new Problem({ code: "too-small", width, height });
  if (Math.max(width, height) > MAX_ASPECT * Math.min(width, height))
    throw new Problem({ code: "too-thin", width, height });
}

/** Why a file of none of the formats is refused. */
function refusal(bytes: Uint8Array): Problem {
  const format = foreignFormat(bytes);
  if (format) return new Problem({ code: "unsupported/format", format });
  return new Problem({ code: "unsupported/unknown", known: formats.map(({ name }) => name) });
}
