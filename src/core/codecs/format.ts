/** A file format that Penumbra reads and writes: one file in formats/ each, and a line in formats.ts. */
import type { Pixels } from "../contract/pixels.ts";
import { type Damage, Problem } from "../contract/problem.ts";
import type { PictureInfo } from "./picture-info.ts";

/** The file that an encoded picture shall resemble. */
export interface Original {
  readonly info: PictureInfo;
  /** Size of the file; without it, the encoder keeps the quality whatever the size. */
  readonly bytes?: number;
}

export interface Format {
  /** MIME type. */
  readonly type: string;
  /** The name that people know, e.g. "JPEG". */
  readonly name: string;
  /** As file names end, without the dot. */
  readonly extension: string;
  /** Its WASM binaries, by their paths in node_modules. */
  readonly binaries: readonly string[];
  /** How many pixels a byte of a whole file can hold at most; without it there is no such limit. */
  readonly mostPixelsPerByte?: number;
  /** Whether bytes begin as files of this format do. */
  matches(bytes: Uint8Array): boolean;
  /**
   * Reads the headers; does not check the size of the picture.
   * @throws Problem `corrupt`, `unsupported` or `animated`
   */
  readHeader(bytes: Uint8Array): PictureInfo;
  /**
   * Decodes all pixels, as stored (not turned upright).
   * @throws Problem `corrupt` when anything is missing or damaged; whatever the decoder throws
   */
  decode(bytes: Uint8Array, info: PictureInfo): Promise<Pixels | null>;
  /** Where Penumbra does not write the format: MIME type of the one that takes its place. */
  writtenAs?(info: PictureInfo): string;
  /** Encodes upright pixels like the original; see `encode` in encode.ts. */
  encode?(pixels: Pixels, original: Original, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

export function corruptPicture({ name }: Pick<Format, "name">, damage: Damage, cause?: unknown): Problem {
  return new Problem({ code: "corrupt/picture", format: name, damage }, { cause });
}
