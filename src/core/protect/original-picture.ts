import type { Original } from "../codecs/index.ts";
import type { Pixels } from "../contract/pixels.ts";

/** A picture before its change, and the file that it came from. */
export interface OriginalPicture extends Original {
  readonly pixels: Pixels;
}
