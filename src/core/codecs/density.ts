/** How large a picture is in print, in pixels a metre. Units in files are inches, centimetres or metres. */
import { byteOrderOf, type Directory, firstDirectory, readDirectory } from "./ifd.ts";
import type { Density } from "./picture-info.ts";

const INCH = 0.0254;
const X_RESOLUTION = 282;
const Y_RESOLUTION = 283;
const RESOLUTION_UNIT = 296;

/** @returns `undefined` for numbers that make no sense */
export function densityOf(across: number, down: number, unit: "inch" | "cm" | "m"): Density | undefined {
  const metre = { inch: 1 / INCH, cm: 100, m: 1 }[unit];
  const sensible = [across, down].every((value) => value * metre >= 1 && value * metre < 1e6);
  return sensible ? { across: across * metre, down: down * metre } : undefined;
}

/** The resolution in the directory of a TIFF file or of EXIF. */
export function densityOfDirectory(directory: Directory): Density | undefined {
  const unit = directory.number(RESOLUTION_UNIT) ?? 2;
  const across = directory.number(X_RESOLUTION);
  const down = directory.number(Y_RESOLUTION);
  if (across === undefined || down === undefined || (unit !== 2 && unit !== 3)) return undefined;
  return densityOf(across, down, unit === 2 ? "inch" : "cm");
}

/** The resolution in EXIF without the "Exif\0\0" prefix. */
export function readDensity(exif: Uint8Array): Density | undefined {
  const little = byteOrderOf(exif);
  if (little === undefined) return undefined;
  const directory = readDirectory(exif, little, firstDirectory(exif, little));
  return directory && densityOfDirectory(directory);
}

/** Whole pixels an inch, as JFIF has them. */
export function perInch(perMetre: number): number {
  return Math.round(perMetre * INCH);
}
