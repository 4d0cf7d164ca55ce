/**
 * Puts files into file inputs and dispatches the events of a choice, which our own listeners then let
 * through.
 */
import type { KnownFiles } from "../known-files.ts";

export interface InputFiller {
  /** Puts files into an input, as known files, and dispatches `input` and `change`. */
  fill(input: HTMLInputElement, files: readonly File[]): void;
  /** Puts files into an input, as known files, without events. */
  put(input: HTMLInputElement, files: readonly File[]): void;
  /** Dispatches one event at an input, with the flags that the browser gives it. */
  dispatch(input: HTMLInputElement, type: "input" | "change" | "cancel"): void;
  /** Whether this event is the one that is being dispatched here at the moment. */
  isDispatching(event: Event): boolean;
}

export function createInputFiller(knownFiles: Pick<KnownFiles, "add">): InputFiller {
  let dispatching: Event | undefined;

  function dispatch(input: HTMLInputElement, type: string) {
    const event = new Event(type, { bubbles: true, composed: type === "input" });
    // A listener of the page may make us dispatch another one within this one.
    const outer = dispatching;
    dispatching = event;
    try {
      input.dispatchEvent(event);
    } finally {
      dispatching = outer;
    }
  }

  function put(input: HTMLInputElement, files: readonly File[]) {
    const transfer = new DataTransfer();
    for (const file of files) {
      knownFiles.add(file);
      transfer.items.add(file);
    }
    input.files = transfer.files;
  }

  return {
    put,
    fill(input, files) {
      put(input, files);
      dispatch(input, "input");
      dispatch(input, "change");
    },
    dispatch,
    isDispatching: (event) => event === dispatching,
  };
}
