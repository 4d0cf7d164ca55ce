/**
 * Problems that arise on the page's side, in sentences. The content script carries only these, to stay small; a problem that comes
 * from elsewhere brings its sentence along (`withSentence` in `problems.ts`).
 */
import type { ProblemCode, ProblemData, ProblemDetails } from "../../core/contract/problem.ts";

type Details<Code extends ProblemCode> = Extract<ProblemDetails, { code: Code }>;

/** A sentence, or what makes it from the values of the problem. */
export type Sentence<Code extends ProblemCode> = keyof Details<Code> extends "code"
  ? string
  : (values: Details<Code>) => string;

export type PageProblemCode =
  | "too-large/file"
  | "unavailable/worker"
  | "unavailable/reloaded"
  | "internal/unexpected";

export const pageProblems: { readonly [Code in PageProblemCode]: Sentence<Code> } = {
  "too-large/file": ({ megabytes }) => `This file is larger than ${megabytes} MB.`,
  "unavailable/worker": "Penumbra did not answer.",
  "unavailable/reloaded": "Penumbra was updated or switched off. Reload this page to protect pictures again.",
  "internal/unexpected": ({ detail }) => `Something went wrong: ${detail}`,
};

/** The sentence for a problem, on a page. */
export function pageProblemText(problem: ProblemData): string {
  const { code } = problem;
  const sentence = problem.sentence ?? pageProblems[code as PageProblemCode] ?? code;
  return typeof sentence === "string" ? sentence : (sentence as (values: ProblemDetails) => string)(problem);
}
