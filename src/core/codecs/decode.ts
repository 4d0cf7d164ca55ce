/** Bytes to upright pixels. Refuses damaged files, which the codecs would fill with grey. */
import type { Pixels } from "../contract/pixels.ts";
import { Problem } from "../contract/problem.ts";
import { corruptPicture, type Format } from "./format.ts";
import { formatOf } from "./formats.ts";
import { applyOrientation } from "./orientation.ts";
import type { PictureInfo } from "./picture-info.ts";

/**
 * Decodes a whole picture, upright: where the EXIF orientation turns it by a quarter, width and height swap.
 * Greys have three equal channels, 16-bit samples keep their upper 8 bits, CMYK is converted without its
 * profile, and fully transparent pixels are black: what nobody sees of the original does not leave with it.
 *
 * @param info given by {@link sniff} for the same bytes
 * @throws Problem `corrupt` when anything is missing or damaged, `too-large` when memory runs out
 */
export async function decode(bytes: Uint8Array, info: PictureInfo): Promise<Pixels> {
  const format = formatOf(info.type);
  let pixels: Pixels | null;
  try {
    pixels = await format.decode(bytes, info);
  } catch (error) {
    throw asProblem(error, format);
  }
  if (!pixels || pixels.width !== info.width || pixels.height !== info.height)
    throw corruptPicture(format, "unreadable");
  blackenHidden(pixels.data);
  return applyOrientation(
    { width: pixels.width, height: pixels.height, data: pixels.data },
    info.orientation,
  );
}

function blackenHidden(data: Uint8ClampedArray) {
  for (let i = 3; i < data.length; i += 4) if (data[i] === 0) data.fill(0, i - 3, i);
}

function asProblem(error: unknown, format: Format): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof RangeError || /OOM|memory|allocation/i.test(String(error)))
    return new Problem({ code: "too-large/memory" }, { cause: error });
  return corruptPicture(format, "unreadable", error);
}
