/** What went wrong with a picture, in a sentence for a person. */
import type { ProblemData } from "../../core/contract/problem.ts";

/** The sentence for a problem. */
export function problemText({ message }: ProblemData): string {
  return message;
}
