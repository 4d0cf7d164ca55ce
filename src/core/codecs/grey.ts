/** Black-and-white photographs are often stored in colour; a change to them must not bring colour in. */
import type { Pixels } from "../contract/pixels.ts";

/** True when all pixels are greys, whatever the file could hold. Ends at the first that is not. */
export function isGrey({ data }: Pixels): boolean {
  for (let i = 0; i < data.length; i += 4)
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  return true;
}
