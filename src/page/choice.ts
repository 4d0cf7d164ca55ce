/** One upload that was held back, wherever it came from: a file input, a drop, a paste or a picker. */
export interface Choice {
  /** What the person chose, in order. */
  readonly files: readonly File[];
  /**
   * Lets the page have these files and the events it waits for. Does nothing once `signal` has fired.
   *
   * @returns whether the page took notice, as far as can be told
   */
  deliver(files: readonly File[]): boolean;
  /** Tells the page that nothing was chosen. Does nothing once `signal` has fired. */
  cancel(): void;
  /** Fires when the choice no longer counts: replaced by another, or the page is gone. */
  readonly signal: AbortSignal;
}

/** Does what has to be done with a choice; ends with its `deliver` or `cancel`, unless its signal fires. */
export type HandleChoice = (choice: Choice) => Promise<void>;
