/** What the headers of a file say about its picture: `sniff` reads it, and `encode` follows it. */

import type { Cicp } from "./cicp.ts";

/** EXIF orientation: 1 is upright, 6 must be turned a quarter clockwise. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Pixels a metre of the printed picture. */
export interface Density {
  readonly across: number;
  readonly down: number;
}

/** Chroma sampling of a JPEG; `other` for layouts without a common name. */
export type Subsampling = "4:4:4" | "4:2:2" | "4:4:0" | "4:2:0" | "4:1:1" | "other";

export interface PictureInfo {
  /** MIME type of a format in formats.ts. */
  readonly type: string;
  /** As stored, before the orientation is applied. In pixels. */
  readonly width: number;
  /** As stored, before the orientation is applied. In pixels. */
  readonly height: number;
  readonly orientation: Orientation;
  /** The file can only have greys (one colour component, or a palette of greys). */
  readonly grey: boolean;
  /** The file has an alpha channel, an alpha palette or a transparent colour. */
  readonly alpha: boolean;
  /** Components as stored: JPEG 1, 3 or 4 (CMYK); others 1 to 4, after a palette is expanded. */
  readonly components: 1 | 2 | 3 | 4;
  /** Bits a component as stored; a palette counts as 8. */
  readonly bitDepth: number;
  /** Where the file says how large it is in print. */
  readonly density?: Density;
  /** What is in the file besides the picture that is decoded, and that no encoder writes. */
  readonly extras?: readonly ("second-picture" | "gain-map")[];
  /** The ICC profile (all but PNG), without what does not define colours; see `icc.ts`. */
  readonly icc?: Uint8Array<ArrayBuffer>;
  /** PNG: the chunks that define the colour space (sRGB, gAMA, cHRM, cICP, ...). */
  readonly colourChunks?: Uint8Array<ArrayBuffer>;
  /** PNG: the data of the iCCP chunk as embedded. */
  readonly profileChunk?: Uint8Array;
  /** JPEG: the libjpeg quality (1..100) whose luminance table is nearest to the file's. */
  readonly quality?: number;
  /** AVIF without a profile: colour primaries and transfer function by their numbers in ITU-T H.273. */
  readonly cicp?: Cicp;
  /** JPEG with three or four components; AVIF. */
  readonly subsampling?: Subsampling;
  /** JPEG: several passes; PNG: interlaced. */
  readonly progressive?: boolean;
  /** WebP: compressed without loss. */
  readonly lossless?: boolean;
}
