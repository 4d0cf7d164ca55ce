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

/** Of names of things: `bayes-error`, the paper's; `overlap`, the label error. See docs/method.md. */
export type NameObjectiveId = "overlap" | "bayes-error";
/** Of features: `features`, the label error in feature space; `cosine`, its plain form, for comparison. See docs/method.md. */
export type FeatureObjectiveId = "features" | "cosine";
export type ObjectiveId = FeatureObjectiveId | NameObjectiveId;

/** In the order in which they are recommended. */
export const NAME_OBJECTIVES = ["overlap", "bayes-error"] as const satisfies readonly NameObjectiveId[];
export const OBJECTIVES = [
  "features",
  "cosine",
  ...NAME_OBJECTIVES,
] as const satisfies readonly ObjectiveId[];

export function isFeatureObjective(id: ObjectiveId): id is FeatureObjectiveId {
  return id === "features" || id === "cosine";
}

/** Where a job is, for progress bars. `fraction` is 0..1 over the whole job. */
export interface Progress {
  readonly stage: "waiting" | "decode" | "ascend" | "encode" | "verify";
  readonly fraction: number;
}
