/**
 * File inputs. The first listener of all, in the capture phase of window, takes the files away before any listener of the page
 * runs: both events of a choice are swallowed, the input is emptied, and when the choice has been handled the files are
 * put in and both events dispatched anew. In between the page sees an empty input, even if it polls.
 *
 * Events of an input outside of the document never get to window, so an input is also watched by itself from the click
 * that opens its dialog.
 */

import type { TellPlaces } from "../../bridge/page-channel.ts";
import type { HandleChoice } from "../choice.ts";
import { listenFirst } from "../first.ts";
import { type Forms, holdForms } from "../forms.ts";
import type { Gate } from "../gate.ts";
import type { OwnFiles } from "../own-files.ts";
import { mayBePicture } from "../pictures.ts";
import { inputsBelow, isFileInput, type ShadowOf } from "../tree.ts";

interface Held {
  /** Of the events that the page did not get; a choice of a person's always has both. */
  readonly events: Set<string>;
  readonly abort: AbortController;
  /** Whether the other event of the same choice may still come. */
  fresh: boolean;
}

export interface Inputs {
  /** Also listens at this node, whose events may not get to window: a detached input or the root of a detached tree. */
  watch(node: Node): void;
  /** Puts files that are not to be protected again into an input, as if they had been chosen. */
  fill(input: HTMLInputElement, files: readonly File[]): void;
  readonly holdsSubmit: Forms["holdsSubmit"];
}

/**
 * Starts to watch file inputs of this document.
 *
 * @param own files that the page got from us: when it moves them to another input, or says `change` again, they pass
 */
export function watchInputs(
  gate: Gate,
  handle: HandleChoice,
  own: OwnFiles,
  tellPlaces: TellPlaces,
  shadowOf: ShadowOf,
): Inputs {
  const held = new Map<HTMLInputElement, Held>();
  const forms = holdForms((form) => [...held.keys()].filter((input) => !form || input.form === form));
  /** What is between a detached input and its dialog: a parent to listen at, before the input's own listeners. */
  const wrappers = new WeakSet<Node>();
  const observers = new Map<HTMLInputElement, MutationObserver>();
  let releasing: Event | undefined;

  const passes = (files: readonly File[]) => files.every((file) => own.has(file) || !mayBePicture(file));

  function onEvent(event: Event) {
    if (event === releasing) return;
    const input = gate.state === "off" ? originOf(event) : inputOf(event);
    if (!isFileInput(input)) return;
    const current = held.get(input);
    // It may have been watched before it was known that there is no need to.
    if (gate.state === "off" && !current) return unwatch(input);

    const files = [...(input.files ?? [])];
    if (current && files.length === 0 && (current.fresh || !event.isTrusted)) {
      current.events.add(event.type);
      if (event.type === "change") current.fresh = false;
      event.stopImmediatePropagation();
      return;
    }
    current?.abort.abort();
    if (gate.state === "off" || passes(files)) return unwatch(input);
    event.stopImmediatePropagation();
    take(input, files, event);
  }

  /** The input of an event. To window an event in a closed shadow root seems to come from its host. */
  function inputOf(event: Event): HTMLInputElement | undefined {
    const target = originOf(event);
    if (isFileInput(target)) return target;
    if (event instanceof InputEvent || !(target instanceof HTMLElement)) return undefined;
    return inputsBelow(target, shadowOf).find(({ files }) => files?.length && !passes([...files]));
  }

  function take(input: HTMLInputElement, files: readonly File[], event: Event) {
    const choice: Held = {
      events: new Set(event.isTrusted ? ["input", "change"] : [event.type]),
      abort: new AbortController(),
      fresh: event.type === "input",
    };
    input.value = "";
    held.set(input, choice);
    watchRoot(input);
    if (!event.isTrusted) setTimeout(() => (choice.fresh = false));
    const { signal } = choice.abort;
    const settle = (let_through: boolean, then: () => void) => {
      if (signal.aborted || held.get(input) !== choice) return;
      held.delete(input);
      unwatch(input);
      then();
      forms.settled(input, let_through);
    };
    signal.addEventListener("abort", () => {
      if (held.get(input) === choice) held.delete(input);
    });
    void handle({
      files,
      signal,
      deliver(result) {
        settle(true, () => {
          const paths = files.map(({ webkitRelativePath }) => webkitRelativePath);
          if (paths.some(Boolean)) tellPlaces(result, paths);
          give(input, result, choice.events);
        });
        // What a page does with an input that has files cannot be seen.
        return true;
      },
      cancel: () => settle(false, () => release(input, "cancel")),
    });
  }

  function give(input: HTMLInputElement, files: readonly File[], events: ReadonlySet<string>) {
    const transfer = new DataTransfer();
    for (const file of files) {
      own.add(file);
      transfer.items.add(file);
    }
    input.files = transfer.files;
    for (const type of ["input", "change"]) if (events.has(type)) release(input, type);
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

  function listen(target: EventTarget) {
    target.addEventListener("input", onEvent, true);
    target.addEventListener("change", onEvent, true);
  }

  /** `change` and `submit` do not leave a shadow root, so that they have to be caught at its top. */
  function watchRoot(input: HTMLInputElement) {
    const root = input.getRootNode();
    if (!(root instanceof ShadowRoot)) return;
    root.addEventListener("change", onEvent, true);
    forms.watch(root);
  }

  function watch(node: Node) {
    if (gate.state === "off") return;
    const root = node.getRootNode({ composed: true });
    if (!isFileInput(node)) {
      if (!node.isConnected) listen(root);
      return;
    }
    listen(node);
    node.addEventListener("cancel", onDismiss, true);
    if (root === node) {
      const wrapper = node.ownerDocument.createDocumentFragment();
      wrappers.add(wrapper);
      wrapper.append(node);
      listen(wrapper);
    } else if (!node.isConnected) listen(root);
    else if (!observers.has(node)) {
      // Many pages remove an input as soon as its dialog is open.
      const observer = new MutationObserver(() => {
        if (node.isConnected) return;
        observer.disconnect();
        observers.delete(node);
        watch(node);
      });
      observers.set(node, observer);
      for (const place of new Set([root, node.getRootNode()]))
        observer.observe(place, { childList: true, subtree: true });
    }
  }

  function onDismiss({ currentTarget }: Event) {
    unwatch(currentTarget as HTMLInputElement);
  }

  /** The dialog is closed: nothing is to be different for the page when it looks. */
  function unwatch(input: HTMLInputElement) {
    observers.get(input)?.disconnect();
    observers.delete(input);
    if (input.parentNode && wrappers.has(input.parentNode)) input.remove();
  }

  listenFirst("input", onEvent);
  listenFirst("change", onEvent);
  listenFirst("click", (event) => {
    const target = originOf(event);
    if (isFileInput(target)) watch(target);
  });
  // A page in the back/forward cache has lost its port; a page that is left has no use for an answer.
  window.addEventListener("pagehide", () => {
    for (const { abort } of held.values()) abort.abort();
  });

  return {
    watch,
    fill(input, files) {
      held.get(input)?.abort.abort();
      give(input, files, new Set(["input", "change"]));
    },
    holdsSubmit: forms.holdsSubmit,
  };
}

function originOf(event: Event): EventTarget | undefined {
  return event.composedPath()[0];
}
