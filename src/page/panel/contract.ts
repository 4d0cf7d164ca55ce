/** What the rest of the page's script may tell a card, and what a person can decide on it. */
import type { Purpose } from "../../bridge/strings/panel.ts";
import type { ResultWords } from "../../bridge/strings/results.ts";
import type { ProblemData } from "../../core/contract/problem.ts";
import type { Progress } from "../../core/contract/protected-picture.ts";

export interface Card {
  readonly rows: readonly Row[];
  /**
   * All is done: a short confirmation, then the card goes. `save` is offered in case the page did not take
   * the files.
   */
  finish(save?: () => void): void;
  /**
   * The page did not take the files, as it only accepts events of a person. The card stays until it is
   * closed.
   */
  refused(save: () => void): void;
  /** Removes the card at once. */
  close(): void;
}

/** One picture of a card. */
export interface Row {
  /** Its turn has come; `onSkip` is called when the person would rather send the original. */
  start(onSkip?: () => void): void;
  progress(progress: Progress): void;
  done(words: ResultWords): void;
  /** The original was sent, because the person said so. */
  original(): void;
  /**
   * Says what went wrong, or asks about a protected picture, and waits for a decision; "cancel" goes to the card's
   * {@link Decisions}. For the question, "retry" is to use the picture.
   */
  ask(problem: ProblemData | string): Promise<"retry" | "original">;
}

/** What a person can decide about a card as a whole. */
export interface Decisions {
  cancel(): void;
  /** Sends all originals, this once. */
  notThisTime?(): void;
  /** Sends all originals, and switches the site off. */
  notOnThisSite?(): void;
}

/** Shows a card for the pictures with these names. */
export type OpenCard = (names: readonly string[], decisions: Decisions, purpose: Purpose) => Card;
