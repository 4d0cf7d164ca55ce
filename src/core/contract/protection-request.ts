/** The use case as the rest of the program sees it: a file in, a protected file and its figures out. */
import type { ObjectiveId, Progress, ProtectionReport } from "./protected-picture.ts";

export interface ProtectOptions {
  /** L-infinity budget as a fraction of the 0..1 range, e.g. 8/255. */
  readonly epsilon: number;
  readonly surrogate: string;
  readonly objective: ObjectiveId;
  /** Gradient steps, at least 1. */
  readonly steps?: number;
  /** Makes a picture smaller first if its longest side is above this, in pixels. */
  readonly longestSide?: number;
  /** Class index to raise the error of; by default the argmax on the clean picture. */
  readonly label?: number;
  /** Makes the result reproducible; random by default, so that outputs carry no fingerprint. */
  readonly seed?: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface ProtectedPicture {
  /** The encoded file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** MIME type of `bytes`; the same as the input's true type. */
  readonly type: string;
  readonly report: ProtectionReport;
}

/** Protects one encoded picture. Rejects with a `Problem`, or an `AbortError` when `signal` fires. */
export type Protect = (
  bytes: Uint8Array<ArrayBuffer>,
  options: ProtectOptions,
  signal?: AbortSignal,
) => Promise<ProtectedPicture>;
