/** Reads the pictures of a set from the disk. */
import { join } from "node:path";
import { decode, isGrey, type PictureInfo, sniff } from "../../core/codecs/index.ts";
import type { Pixels } from "../../core/contract/pixels.ts";
import { type ScaledPicture, toScale } from "../../core/engine/scaled-picture.ts";
import { readBytes } from "../files.ts";
import { UsageError } from "../usage-error.ts";
import type { SetRun } from "./chunks.ts";
import { hashOf } from "./listing.ts";
import { type SetPicture, startOver } from "./plan.ts";

export interface LoadedPicture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly info: PictureInfo;
  readonly pixels: Pixels;
  readonly scaled: ScaledPicture;
  readonly luminanceOnly: boolean;
}

/** @throws UsageError when the file is not the one of the plan */
export async function loadPicture(
  { folder, work, surrogate }: Pick<SetRun, "folder" | "work" | "surrogate">,
  { file, sha256 }: SetPicture,
): Promise<LoadedPicture> {
  const bytes = await readBytes(join(folder, file));
  if (hashOf(bytes) !== sha256)
    throw new UsageError(`“${file}” was changed since this run began. ${startOver(work)}`);
  const info = sniff(bytes);
  const pixels = await decode(bytes, info);
  return {
    bytes,
    info,
    pixels,
    scaled: toScale(pixels, surrogate),
    luminanceOnly: surrogate.ascent.luminanceOnly || info.grey || isGrey(pixels),
  };
}
