/** Choices in file inputs that the page has not received yet, at most one for each input. */

export interface HeldChoice {
  /** Fires when another choice replaces this one, or the page is left. */
  readonly signal: AbortSignal;
}

export interface HeldChoices {
  has(input: HTMLInputElement): boolean;
  /** The inputs of a form, or of all forms, whose choice is held. */
  inputs(form?: HTMLFormElement): HTMLInputElement[];
  /**
   * Holds the choice of a person, in place of an earlier one in the same input.
   *
   * @param awaitsChange whether `change` of the same choice may still come, after `input`
   */
  hold(input: HTMLInputElement, awaitsChange: boolean): HeldChoice;
  /**
   * Whether an event belongs to the choice that an input holds: the second event of the same choice, or one
   * that the page dispatches at the input, which is empty meanwhile.
   */
  absorb(input: HTMLInputElement, event: Event): boolean;
  /** Takes a choice out. @returns whether it was still held */
  settle(input: HTMLInputElement, choice: HeldChoice): boolean;
  /** Ends the choice of an input, if there is one: its signal fires. */
  abandon(input: HTMLInputElement): void;
  abandonAll(): void;
}

interface Entry extends HeldChoice {
  readonly abort: AbortController;
  awaitsChange: boolean;
}

/** Makes an empty set of held choices. */
export function createHeldChoices(): HeldChoices {
  const held = new Map<HTMLInputElement, Entry>();

  function abandon(input: HTMLInputElement) {
    const entry = held.get(input);
    held.delete(input);
    entry?.abort.abort();
  }

  return {
    has: (input) => held.has(input),
    inputs: (form) => [...held.keys()].filter((input) => !form || input.form === form),
    hold(input, awaitsChange) {
      abandon(input);
      const abort = new AbortController();
      const entry = { signal: abort.signal, abort, awaitsChange };
      held.set(input, entry);
      return entry;
    },
    absorb(input, event) {
      const entry = held.get(input);
      if (!entry || input.files?.length || !(entry.awaitsChange || !event.isTrusted)) return false;
      if (event.type === "change") entry.awaitsChange = false;
      return true;
    },
    settle(input, choice) {
      if (held.get(input) !== choice) return false;
      held.delete(input);
      return true;
    },
    abandon,
    abandonAll() {
      for (const input of held.keys()) abandon(input);
    },
  };
}
