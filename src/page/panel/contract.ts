/** What a card can be told and what a person can decide on it, apart from how it looks. */

import type { ProblemData } from "../../core/contract/problem.ts";
import type { Progress, ProtectionReport } from "../../core/contract/protected-picture.ts";
import type { Wording } from "./wording.ts";

export interface Card {
  readonly rows: readonly Row[];
  /** All is done: a short confirmation, then nothing. `save` is what the person can do if the page takes no notice. */
  finish(save?: () => void): void;
  /** The page took no notice, as it does of what a person did not do by hand. Stays until the person has read it. */
  unheard(save: () => void): void;
  /** Away at once. */
  close(): void;
}

/** One picture of a card. */
export interface Row {
  /** Its turn has come; `onSkip` is called when the person would rather send the original. */
  start(onSkip?: () => void): void;
  progress(progress: Progress): void;
  done(report: ProtectionReport): void;
  /** The original was sent, because the person said so. */
  original(): void;
  /** Says what went wrong and waits for a decision; "cancel" goes to the card's {@link Decisions}. */
  ask(problem: ProblemData): Promise<"retry" | "original">;
}

/** What a person can decide about a card as a whole. */
export interface Decisions {
  cancel(): void;
  /** All originals, this once. */
  notThisTime?(): void;
  /** All originals, and so from now on at this site. */
  notOnThisSite?(): void;
}

/** Shows a card for the pictures with these names. */
export type OpenCard = (names: readonly string[], decisions: Decisions, wording: Wording) => Card;
