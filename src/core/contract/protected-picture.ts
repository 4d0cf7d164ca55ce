/** The result of a request: a protected file and its figures; and the progress of the work. */
import type { Notice } from "./notice.ts";
import type { ObjectiveId, ProtectionRequest } from "./protection-request.ts";

/** A protected picture, encoded. */
export interface ProtectedPicture {
  /** The encoded file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /**
   * MIME type of `bytes`: that of the original, told by its bytes and not by its name, or another if Penumbra
   * does not write the original's format; then a notice `format-changed` says so.
   */
  readonly type: string;
  readonly report: ProtectionReport;
}

/** What was done to one picture, in figures. Each "after" is measured on the encoded file, decoded again. */
export interface ProtectionReport {
  /** Of the protected picture, upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Its size before it was shrunk, where it was; the figures below compare with the shrunk picture. */
  readonly shrunkFrom?: { readonly width: number; readonly height: number };
  /** What the protected file lacks of the original, or has in another way. */
  readonly notices: readonly Notice[];
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The tfjs backend: `webgl`, `wasm` or `cpu`. */
  readonly backend: string;
  readonly surrogate: string;
  readonly objective: ObjectiveId;
  /** The budget as a fraction of the 0..1 range, e.g. 8/255. */
  readonly epsilon: number;
  /** Gradient steps taken. */
  readonly steps: number;
  /**
   * The label error in feature space, 0..1: the probability, by the surrogate's features, that the picture is
   * one of other photographs and not the clean picture. Only where the surrogate has a feature bank.
   */
  readonly featureErrorBefore?: number;
  readonly featureErrorAfter?: number;
  /** 1 - max p(c|x), 0..1-1/C. */
  readonly bayesErrorBefore: number;
  readonly bayesErrorAfter: number;
  /** 1 - p(label|x), 0..1. */
  readonly labelErrorBefore: number;
  readonly labelErrorAfter: number;
  /** The class whose error is raised: the one requested, or the argmax on the clean picture. */
  readonly label: number;
  readonly labelName: string;
  /** Largest change of a channel value that protects the picture, in 255ths: within the budget. */
  readonly maxPerturbation: number;
  /**
   * Largest change of a channel value in the decoded file, in 255ths. For JPEG, AVIF and lossy WebP it includes the
   * encoder's loss.
   */
  readonly maxChange: number;
  /** In dB against the decoded original; 99 for equal pictures. */
  readonly psnr: number;
  /** Mean structural similarity of luma, -1..1. */
  readonly ssim: number;
  /** Visible quality, at most 100: at 90 no difference is seen, 70 is high, 50 medium. See engine/ssimulacra2.ts. */
  readonly ssimulacra2: number;
  /** Duration of each stage; where a batch of pictures took a stage together, each has an equal share. */
  readonly seconds: {
    readonly decode: number;
    readonly ascend: number;
    readonly encode: number;
    readonly verify: number;
    readonly total: number;
  };
}

/** The progress of one picture. */
export interface Progress {
  readonly stage: "waiting" | "decode" | "ascend" | "encode" | "verify";
  /** 0..1 over all stages. */
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
