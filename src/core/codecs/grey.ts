/** Black-and-white photographs are often stored in colour; protecting them must not add colour. */
import type { Pixels } from "../contract/pixels.ts";

/** Whether all pixels are grey, whatever channels the file has. */
export function isGrey({ data }: Pixels): boolean {
  for (let i = 0; i < data.length; i += 4)
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  return true;
}
