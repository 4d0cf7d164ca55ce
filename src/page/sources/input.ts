/**
 * Files that a person chooses in a file input. A listener in the capture phase of window, registered before
 * any of the page's, stops both events of a choice and empties the input. When the choice has been handled,
 * the files are put in and both events are dispatched anew. In between the page sees an empty input, even if
 * it polls.
 */
import { captureAtWindow } from "../capture-listeners.ts";
import { type Forms, holdForms } from "../forms.ts";
import type { PageContext } from "../page-context.ts";
import { fileInputsIn, isFileInput } from "../shadow-tree.ts";
import { createDetachedInputs, type DetachedInputs } from "./detached-inputs.ts";
import { createInputFiller } from "./fill-input.ts";
import { createHeldChoices } from "./held-choices.ts";

export interface Inputs {
  readonly watch: DetachedInputs["watch"];
  /** Puts files that need no protection into an input, as if they had been chosen there. */
  fill(input: HTMLInputElement, files: readonly File[]): void;
  readonly holdsSubmit: Forms["holdsSubmit"];
}

/** Starts to watch the file inputs of this document. */
export function watchInputs(context: PageContext): Inputs {
  const { gate, handle, knownFiles, needsProtection, tellPaths } = context;
  const choices = createHeldChoices();
  const forms = holdForms(choices.inputs);
  const filler = createInputFiller(knownFiles);
  const detached = createDetachedInputs(context, (target) => {
    target.addEventListener("input", onEvent, true);
    target.addEventListener("change", onEvent, true);
  });

  function onEvent(event: Event) {
    if (filler.isDispatching(event)) return;
    const input = gate.state === "off" ? originOf(event) : inputOf(event, context);
    if (!isFileInput(input)) return;
    // It may have been watched before the gate was known to be off.
    if (gate.state === "off" && !choices.has(input)) return detached.unwatch(input);

    if (choices.absorb(input, event)) return event.stopImmediatePropagation();
    // What a script puts into an input, the page has already.
    if (!event.isTrusted) return;
    choices.abandon(input);
    const files = [...(input.files ?? [])];
    if (gate.state === "off" || !files.some(needsProtection)) return detached.unwatch(input);
    event.stopImmediatePropagation();
    hold(input, files, event);
  }

  function hold(input: HTMLInputElement, files: readonly File[], event: Event) {
    input.value = "";
    const choice = choices.hold(input, event);
    listenAtShadowRoot(input);
    const settle = (delivered: boolean, tellPage: () => void) => {
      if (!choices.settle(input, choice)) return;
      detached.unwatch(input);
      tellPage();
      forms.settled(input, delivered);
    };
    void handle({
      files,
      signal: choice.signal,
      deliver(result) {
        settle(true, () => {
          const paths = files.map(({ webkitRelativePath }) => webkitRelativePath);
          if (paths.some(Boolean)) tellPaths(result, paths);
          filler.fill(input, result);
        });
        // Nothing shows what a page does with an input that has files.
        return true;
      },
      cancel: () => settle(false, () => filler.dispatch(input, "cancel")),
    });
  }

  /** `change` and `submit` do not leave a shadow root, so that they have to be stopped at its top. */
  function listenAtShadowRoot(input: HTMLInputElement) {
    const root = input.getRootNode();
    if (!(root instanceof ShadowRoot)) return;
    root.addEventListener("change", onEvent, true);
    forms.listenAt(root);
  }

  captureAtWindow("input", onEvent);
  captureAtWindow("change", onEvent);
  captureAtWindow("click", (event) => {
    const target = originOf(event) as Partial<Element>;
    if (target?.localName) detached.watch(target as Element);
  });
  // In the back/forward cache the page loses its port to the worker, so that its choices end as well.
  window.addEventListener("pagehide", choices.abandonAll);

  return {
    watch: detached.watch,
    fill(input, files) {
      choices.abandon(input);
      filler.fill(input, files);
    },
    holdsSubmit: forms.holdsSubmit,
  };
}

function originOf(event: Event): EventTarget | undefined {
  return event.composedPath()[0];
}

/** The input of an event. At window, an event in a closed shadow root has the root's host as its target. */
function inputOf(
  event: Event,
  { needsProtection, shadowRootOf }: Pick<PageContext, "needsProtection" | "shadowRootOf">,
): EventTarget | undefined {
  const target = originOf(event);
  if (isFileInput(target)) return target;
  if (event instanceof InputEvent || !(target instanceof HTMLElement)) return undefined;
  return fileInputsIn(target, shadowRootOf).find(({ files }) => [...(files ?? [])].some(needsProtection));
}
