/** What comes of a request: a protected file, its figures, and how far the work is. */
import type { ObjectiveId, ProtectionRequest } from "./protection-request.ts";

/** A protected picture, encoded. */
export interface ProtectedPicture {
  /** The encoded file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** MIME type of `bytes`; the original's true type, found in its bytes and not in its name. */
  readonly type: string;
  readonly report: ProtectionReport;
}

/** What was done to one picture, in figures. Every "after" is measured on the encoded file, decoded again. */
export interface ProtectionReport {
  /** Of the finished picture in pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Size before it was made smaller, where it was; the figures below compare with the smaller one. */
  readonly shrunkFrom?: { readonly width: number; readonly height: number };
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** tfjs backend that did the work: `webgl`, `wasm` or `cpu`. */
  readonly backend: string;
  readonly surrogate: string;
  readonly objective: ObjectiveId;
  /** The budget as a fraction of the 0..1 range, e.g. 8/255. */
  readonly epsilon: number;
  /** Gradient steps taken. */
  readonly steps: number;
  /**
   * The label error in feature space, 0..1: how much likelier the surrogate's features take the picture for one of other
   * photographs than for the clean picture itself. Only where the surrogate has a bank of features.
   */
  readonly featureErrorBefore?: number;
  readonly featureErrorAfter?: number;
  /** 1 - max p(c|x), 0..1-1/C. */
  readonly bayesErrorBefore: number;
  readonly bayesErrorAfter: number;
  /** 1 - p(label|x), 0..1. */
  readonly labelErrorBefore: number;
  readonly labelErrorAfter: number;
  /** The class whose error is raised: given by the person, or the argmax on the clean picture. */
  readonly label: number;
  readonly labelName: string;
  /** Largest change of a channel value in the decoded output, in 255ths. For JPEG and WebP it includes the encoder's own. */
  readonly maxChange: number;
  /** In dB against the decoded original; Infinity is written as 99. */
  readonly psnr: number;
  /** Mean structural similarity of luma, -1..1. */
  readonly ssim: number;
  /** What it took; where several pictures went through a stage together, each has an even share of it. */
  readonly seconds: {
    readonly decode: number;
    readonly ascend: number;
    readonly encode: number;
    readonly verify: number;
    readonly total: number;
  };
}

/** Where a job is, for progress bars. `fraction` is 0..1 over the whole job. */
export interface Progress {
  readonly stage: "waiting" | "decode" | "ascend" | "encode" | "verify";
  readonly fraction: number;
}

/**
 * Protects one encoded picture.
 * @throws Problem saying why not; AbortError when `signal` fires
 */
export type Protect = (
  bytes: Uint8Array<ArrayBuffer>,
  request: ProtectionRequest,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
) => Promise<ProtectedPicture>;
