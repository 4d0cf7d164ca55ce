/** What went wrong with a picture, in sentences for a person: one for each code of a problem. */
import { MAX_ASPECT, MAX_PIXELS, MAX_SIDE, MIN_SIDE } from "../../core/contract/pixels.ts";
import type {
  Damage,
  ForeignFormat,
  ProblemCode,
  ProblemData,
  ProblemDetails,
} from "../../core/contract/problem.ts";
import { menu } from "./extension.ts";
import { type PageProblemCode, pageProblems, type Sentence } from "./page-problems.ts";

const damages: Readonly<Record<Damage, string>> = {
  unreadable: "it could not be read",
  "end-missing": "the end is missing",
  "part-missing": "a part of it is missing or unreadable",
  "size-missing": "its size is missing",
  "description-cut-off": "its description is cut off",
  "description-wrong": "its description makes no sense",
  "ends-early": "it ends before the picture begins",
  "two-pictures": "it describes two pictures",
  "no-picture": "it holds no picture",
  "palette-missing": "its palette is missing",
  "checksum-wrong": "a checksum does not match",
};

const formats: Readonly<Record<ForeignFormat, string>> = {
  svg: "an SVG drawing",
  "jpeg-xl": "a JPEG XL picture",
  "jpeg-2000": "a JPEG 2000 picture",
  raw: "a camera’s raw file",
  ico: "an icon (ICO)",
  cur: "a mouse pointer (CUR)",
  psd: "a Photoshop document",
  pdf: "a PDF document",
  video: "a video",
};

const otherProblems: { readonly [Code in Exclude<ProblemCode, PageProblemCode>]: Sentence<Code> } = {
  empty: "This file is empty.",
  "corrupt/picture": ({ format, damage }) =>
    `This ${format} picture is broken or incomplete (${damages[damage]}).`,
  "corrupt/file-changed": "The file could not be read. Was it moved or changed?",
  "corrupt/no-pixels": "This picture is broken: it says that it has no pixels.",
  "unsupported/format": ({ format }) =>
    format === "svg"
      ? "This is an SVG drawing, not a picture made of pixels. Export it as PNG and try again."
      : `This is ${formats[format]}, a kind that Penumbra cannot protect. Save it as JPEG or PNG and try again.`,
  "unsupported/compression": ({ format }) =>
    `This ${format} picture uses a rare kind of compression that Penumbra cannot read. Save it as an ordinary JPEG or PNG and try again.`,
  "unsupported/colours": ({ format }) =>
    `This ${format} picture stores its colours in a rare way that Penumbra cannot read. Save it as an ordinary JPEG or PNG and try again.`,
  "unsupported/unknown": ({ known }) =>
    `This file is not a picture that Penumbra knows. It protects ${known.slice(0, -1).join(", ")} and ${known.at(-1)} pictures.`,
  animated: ({ format }) =>
    `This is an animated ${format}. Penumbra protects still pictures only; save one frame as a picture and try again.`,
  "too-large/picture": ({ width, height }) =>
    `This picture is too large (${width} by ${height} pixels). Penumbra takes up to ${MAX_PIXELS / 1e6} megapixels and ${MAX_SIDE} pixels on a side; make it smaller and try again.`,
  "too-large/memory": "This picture is too large for the memory at hand. Make it smaller and try again.",
  "too-small": ({ width, height }) =>
    `This picture is too small to protect (${width} by ${height} pixels). Each side must have at least ${MIN_SIDE} pixels.`,
  "too-thin": ({ width, height }) =>
    `This picture is too thin to protect (${width} by ${height} pixels). One side may be at most ${MAX_ASPECT} times as long as the other; cut it into parts and try again.`,
  "backend/none": "Neither WebGL nor WebAssembly could be started here.",
  "backend/gpu-unusable":
    "The graphics card could not be used. If you try again, the processor does the work.",
  "backend/gpu-lost":
    "The graphics card was reset in the middle of the work. If you try again, the processor does the work.",
  "backend/gpu-stopped": "The graphics card stopped in the middle of the work.",
  "backend/threads": "The work could not be shared among the processor’s cores. Please try again.",
  "unavailable/interrupted": `Penumbra was interrupted. Choose “${menu.protectImage}” again.`,
  "unavailable/site": ({ status }) => `The picture’s site answered with error ${status}.`,
  "unavailable/picture": "The picture could not be read from its site.",
  cancelled: "Cancelled.",
  "unavailable/stalled": "Protecting this picture made no progress for too long, so it was given up.",
  "unavailable/stuck": "The part of Penumbra that does the work stopped answering.",
  "unavailable/permission": ({ host }) =>
    `Penumbra needs your permission to read pictures of ${host}. Choose “${menu.protectImage}” again to give it.`,
  "ineffective/picture":
    "The change did not survive in the finished file, so this picture would not be protected. A higher strength may help.",
  "ineffective/set": ({ measure, before, after, workFolder }) =>
    `The ${measure === "bayes" ? "Bayes" : "label"} error of the set did not rise (${before.toFixed(4)} -> ${after.toFixed(4)}), so nothing was written. A larger budget may help. To start over, delete ${workFolder} or choose another --out.`,
  "internal/surrogate": ({ id, known }) =>
    `There is no surrogate model called “${id}”. There are: ${known.join(", ")}.`,
  "internal/encoder": "The protected picture could not be written.",
};

/** The sentence of each problem. */
export const problems: { readonly [Code in ProblemCode]: Sentence<Code> } = {
  ...pageProblems,
  ...otherProblems,
};

/** The sentence for a problem. */
export function problemText(problem: ProblemData): string {
  const sentence = problems[problem.code] as string | ((values: ProblemDetails) => string);
  return typeof sentence === "string" ? sentence : sentence(problem);
}

/** A problem with its sentence, for the way to a page. */
export function withSentence(problem: ProblemData): ProblemData {
  return { ...problem, sentence: problemText(problem) };
}
