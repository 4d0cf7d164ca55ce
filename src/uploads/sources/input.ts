/**
 * File inputs. The first listener of all, in the capture phase of window, takes the files away before any listener of the page
 * runs: both events of a choice are swallowed, the input is emptied, and when the choice has been handled the files are
 * put in and both events dispatched anew. In between the page sees an empty input, even if it polls.
 */
import type { HandleChoice } from "../choice.ts";
import { listenFirst } from "../first.ts";
import { holdForms } from "../forms.ts";
import type { Gate } from "../gate.ts";
import { mayBePicture } from "../pictures.ts";

interface Held {
  /** Of the events that the page did not get; a choice of a person's always has both. */
  readonly events: Set<string>;
  readonly abort: AbortController;
  /** Whether the other event of the same choice may still come. */
  fresh: boolean;
}

/** Starts to watch file inputs of this document. */
export function watchInputs(gate: Gate, handle: HandleChoice): void {
  const held = new Map<HTMLInputElement, Held>();
  const forms = holdForms((form) => [...held.keys()].filter((input) => input.form === form));
  // Files that the page got from us: when it moves them to another input, or says `change` again, they pass.
  const delivered = new WeakSet<File>();
  let releasing: Event | undefined;

  function onEvent(event: Event) {
    if (event === releasing) return;
    const input = event.composedPath()[0];
    if (!isFileInput(input)) return;
    const current = held.get(input);
    if (gate.state === "off" && !current) return;

    const files = [...(input.files ?? [])];
    if (current && files.length === 0 && (current.fresh || !event.isTrusted)) {
      current.events.add(event.type);
      if (event.type === "change") current.fresh = false;
      event.stopImmediatePropagation();
      return;
    }
    current?.abort.abort();
    if (gate.state === "off" || files.every((file) => delivered.has(file) || !mayBePicture(file))) return;
    event.stopImmediatePropagation();
    take(input, files, event);
  }

  function take(input: HTMLInputElement, files: readonly File[], event: Event) {
    const own: Held = {
      events: new Set(event.isTrusted ? ["input", "change"] : [event.type]),
      abort: new AbortController(),
      fresh: event.type === "input",
    };
    input.value = "";
    held.set(input, own);
    watchRoot(input);
    if (!event.isTrusted) setTimeout(() => (own.fresh = false));
    const { signal } = own.abort;
    const settle = (let_through: boolean, then: () => void) => {
      if (signal.aborted || held.get(input) !== own) return;
      held.delete(input);
      then();
      forms.settled(input, let_through);
    };
    signal.addEventListener("abort", () => {
      if (held.get(input) === own) held.delete(input);
    });
    void handle({
      files,
      signal,
      deliver: (result) =>
        settle(true, () => {
          for (const file of result) delivered.add(file);
          put(input, result);
          for (const type of ["input", "change"]) if (own.events.has(type)) release(input, type);
        }),
      cancel: () => settle(false, () => release(input, "cancel")),
    });
  }

  function release(input: HTMLInputElement, type: string) {
    // As the browser's own: `input` crosses shadow roots, the others do not.
    const event = new Event(type, { bubbles: true, composed: type === "input" });
    const outer = releasing;
    releasing = event;
    try {
      input.dispatchEvent(event);
    } finally {
      releasing = outer;
    }
  }

  /** `change` and `submit` do not leave a shadow root, so that they have to be caught at its top. */
  function watchRoot(input: HTMLInputElement) {
    const root = input.getRootNode();
    if (!(root instanceof ShadowRoot)) return;
    root.addEventListener("change", onEvent, true);
    forms.watch(root);
  }

  listenFirst("input", onEvent);
  listenFirst("change", onEvent);
  // A page in the back/forward cache has lost its port; a page that is left has no use for an answer.
  window.addEventListener("pagehide", () => {
    for (const { abort } of held.values()) abort.abort();
  });
}

function put(input: HTMLInputElement, files: readonly File[]) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
}

/** By its name instead of `instanceof`, which fails for elements that were made in another frame. */
function isFileInput(target: EventTarget | undefined): target is HTMLInputElement {
  const element = target as Partial<HTMLInputElement> | undefined;
  return element?.localName === "input" && element.type === "file";
}
