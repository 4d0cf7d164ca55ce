/**
 * Everything that can go wrong with a picture, as a code for programs and a sentence for people.
 * Codes survive messaging between the parts of the extension; `message` is shown as it is.
 */
export type ProblemCode =
  /** The file has no bytes. */
  | "empty"
  /** The bytes are not a picture that Penumbra can read: broken or cut off. */
  | "corrupt"
  /** A picture of a kind that Penumbra cannot protect (HEIC, AVIF, SVG, TIFF, BMP, ...). */
  | "unsupported"
  /** Moving pictures: animated GIF, WebP or PNG. */
  | "animated"
  /** More pixels than fit in memory, as declared in the file's header. */
  | "too-large"
  /** Too few pixels to hold a perturbation (a side under 16). */
  | "too-small"
  /** No tensor backend could be started, or it was lost on the way. */
  | "backend"
  /** The part of the extension that does the work did not answer in time, or went away. */
  | "unavailable"
  /** The ascent did not raise the error, or the verified file does not hold it. */
  | "ineffective"
  /** The person cancelled. */
  | "cancelled"
  /** Anything else; the message says what. */
  | "internal";

/** An error whose `message` is a plain sentence that may be shown to a person. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  constructor(code: ProblemCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The form in which a {@link Problem} crosses a message channel. */
export interface ProblemData {
  readonly code: ProblemCode;
  readonly message: string;
}

/** Reduces anything thrown to a {@link ProblemData}; an `AbortError` becomes `cancelled`. */
export function toProblemData(error: unknown): ProblemData {
  if (error instanceof Problem) return { code: error.code, message: error.message };
  if (error instanceof Error && error.name === "AbortError")
    return { code: "cancelled", message: "Cancelled." };
  const detail = error instanceof Error ? error.message : String(error);
  return { code: "internal", message: `Something unexpected went wrong: ${detail}` };
}
