/** One choice of files that the page has not received yet: from an input, a drop, a paste or a handle. */
export interface Choice {
  /** What the person chose, in order. */
  readonly files: readonly File[];
  /**
   * Gives the page these files and the events that it would have received. Does nothing once `signal` has
   * fired.
   *
   * @returns whether the page handled the event, as far as can be told
   */
  deliver(files: readonly File[]): boolean | Promise<boolean>;
  /** Tells the page that nothing was chosen. Does nothing once `signal` has fired. */
  cancel(): void;
  /** Fires when another choice replaces this one, or the page is left. */
  readonly signal: AbortSignal;
}

/**
 * Protects the pictures of a choice. Ends with a call of its `deliver` or `cancel`, unless its signal fires.
 */
export type HandleChoice = (choice: Choice) => Promise<void>;
