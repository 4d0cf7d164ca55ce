/** Reads the orientation from EXIF, the only metadata that changes how a picture looks. */

import { viewOf } from "./bytes.ts";
import type { Orientation } from "./picture-info.ts";

const ORIENTATION_TAG = 0x0112;
/** The type of a number of 16 bits. */
const SHORT = 3;

/**
 * The orientation in the first directory of a TIFF structure (EXIF without the "Exif\0\0" prefix).
 * Anything unreadable or out of range, and any value but one of 16 bits, counts as upright, as in browsers.
 */
export function readOrientation(tiff: Uint8Array): Orientation {
  if (tiff.length < 14) return 1;
  const view = viewOf(tiff);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  if (view.getUint16(2, little) !== 42) return 1;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.length) return 1;
    if (view.getUint16(entry, little) !== ORIENTATION_TAG) continue;
    if (view.getUint16(entry + 2, little) !== SHORT || view.getUint32(entry + 4, little) !== 1) return 1;
    const value = view.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}
