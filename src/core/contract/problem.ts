/**
 * Everything that can go wrong with a picture, as a code with values. Codes are for programs and survive
 * messaging; what a person reads is made from them where it is shown (`bridge/strings/problems.ts`).
 */

/** What is wrong with a damaged file of a known format. */
export type Damage =
  | "unreadable"
  | "end-missing"
  | "part-missing"
  | "size-missing"
  | "description-cut-off"
  | "description-wrong"
  | "ends-early"
  | "two-pictures"
  | "no-picture"
  | "palette-missing"
  | "checksum-wrong";

/** Kinds of files that Penumbra knows by sight but cannot protect. */
export type ForeignFormat = "svg" | "jpeg-xl" | "jpeg-2000" | "raw" | "ico" | "cur" | "psd" | "pdf" | "video";

/**
 * One code for one sentence, and the values that the sentence names. What stands before the slash of a code
 * is its {@link ProblemKind}.
 */
export type ProblemDetails =
  /** The file has no bytes. */
  | { readonly code: "empty" }
  /**
   * The bytes are not a picture that Penumbra can read: broken or cut off. `format` is a name that people
   * know, e.g. JPEG.
   */
  | { readonly code: "corrupt/picture"; readonly format: string; readonly damage: Damage }
  | { readonly code: "corrupt/no-pixels" }
  /** The file on the disk was moved or changed after it was chosen. */
  | { readonly code: "corrupt/file-changed" }
  /** A file of a kind that Penumbra cannot protect. */
  | { readonly code: "unsupported/format"; readonly format: ForeignFormat }
  /** A rare kind of a known format. `format` is a name that people know, e.g. JPEG. */
  | { readonly code: "unsupported/compression"; readonly format: string }
  | { readonly code: "unsupported/colours"; readonly format: string }
  /** `known` are the names of the formats that Penumbra protects. */
  | { readonly code: "unsupported/unknown"; readonly known: readonly string[] }
  /** A moving picture. */
  | { readonly code: "animated"; readonly format: string }
  /** More pixels than fit in memory, as declared in the file's header. */
  | { readonly code: "too-large/picture"; readonly width: number; readonly height: number }
  | { readonly code: "too-large/file"; readonly megabytes: number }
  | { readonly code: "too-large/memory" }
  /** Too few pixels to hold a perturbation. */
  | { readonly code: "too-small"; readonly width: number; readonly height: number }
  | { readonly code: "too-thin"; readonly width: number; readonly height: number }
  /** No tensor backend could be started, or it was lost on the way. */
  | { readonly code: "backend/none" }
  | { readonly code: "backend/gpu-unusable" }
  | { readonly code: "backend/gpu-lost" }
  | { readonly code: "backend/gpu-stopped" }
  | { readonly code: "backend/threads" }
  /** The part of the extension that does the work, or the picture to work on, cannot be reached. */
  | { readonly code: "unavailable/worker" }
  | { readonly code: "unavailable/reloaded" }
  | { readonly code: "unavailable/stalled" }
  | { readonly code: "unavailable/stuck" }
  | { readonly code: "unavailable/interrupted" }
  | { readonly code: "unavailable/permission"; readonly host: string }
  | { readonly code: "unavailable/site"; readonly status: number }
  | { readonly code: "unavailable/picture" }
  /** The finished file does not hold the raised error. */
  | { readonly code: "ineffective/picture" }
  | {
      readonly code: "ineffective/set";
      readonly measure: "bayes" | "label";
      readonly before: number;
      readonly after: number;
      readonly workFolder: string;
    }
  /** The person cancelled. */
  | { readonly code: "cancelled" }
  | { readonly code: "internal/surrogate"; readonly id: string; readonly known: readonly string[] }
  | { readonly code: "internal/encoder" }
  /** Anything else. */
  | { readonly code: "internal/unexpected"; readonly detail: string };

export type ProblemCode = ProblemDetails["code"];

/** A problem in the form in which it crosses a message channel. */
export type ProblemData = ProblemDetails & {
  /** The sentence itself, only on the way to a page: see `bridge/strings/page-problems.ts`. */
  readonly sentence?: string;
};

/** Codes that programs treat alike, e.g. `backend` for `backend/gpu-lost`. */
export type ProblemKind = ProblemCode extends infer Code
  ? Code extends `${infer Kind}/${string}`
    ? Kind
    : Code
  : never;

/** The kind of a problem. */
export function kindOf({ code }: Pick<ProblemData, "code">): ProblemKind {
  return code.replace(/\/.*/, "") as ProblemKind;
}

/** Something that went wrong with a picture. Its `message` is for logs: the code and the values. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly data: ProblemData;
  readonly code: ProblemCode;
  readonly kind: ProblemKind;
  constructor(data: ProblemData, options?: ErrorOptions) {
    const { code, sentence: _, ...values } = data;
    super([code, ...Object.entries(values).map(([key, value]) => `${key}=${value}`)].join(" "), options);
    this.data = data;
    this.code = code;
    this.kind = kindOf(data);
  }
}

/** Reduces anything thrown to a {@link ProblemData}; an `AbortError` becomes `cancelled`. */
export function toProblemData(error: unknown): ProblemData {
  if (error instanceof Problem) return error.data;
  if (error instanceof Error && error.name === "AbortError") return { code: "cancelled" };
  return { code: "internal/unexpected", detail: error instanceof Error ? error.message : String(error) };
}
