/**
 * Files that a person chooses in a file input. A listener in the capture phase of window, registered before
 * any of the page's, stops both events of a choice and empties the input. When the choice has been handled,
 * the files are put in and both events are dispatched anew. In between the page sees an empty input, even if
 * it polls.
 */
import { captureAtWindow } from "../capture-listeners.ts";
import { type Forms, holdForms } from "../forms.ts";
import type { PageContext } from "../page-context.ts";
import { fileInputsIn, isElement, isFileInput } from "../shadow-tree.ts";
import { createDetachedInputs, type DetachedInputs } from "./detached-inputs.ts";
import { createInputFiller, type InputFiller } from "./fill-input.ts";
import { createHeldChoices, type HeldChoices } from "./held-choices.ts";
import { createRechoices, type Rechoices } from "./rechoices.ts";

export interface Inputs {
  readonly watch: DetachedInputs["watch"];
  /** Holds a drop on an input like a choice in it. */
  holdDrop(input: HTMLInputElement): HeldDrop;
  readonly holdsSubmit: Forms["holdsSubmit"];
}

/** A drop that a file input waits for. */
export interface HeldDrop {
  /** Fires when another choice replaces this one. */
  readonly signal: AbortSignal;
  /**
   * Puts files with their paths, empty outside of a folder, into the input.
   *
   * @param files none if the page took the drop itself, and `undefined` if the person cancelled it
   */
  settle(files?: FilesWithPaths): void;
}

type FilesWithPaths = readonly (readonly [file: File, path: string])[];

/** Starts to watch the file inputs of this document. */
export function watchInputs(context: PageContext): Inputs {
  const { gate, knownFiles, needsProtection, warmUp } = context;
  const choices = createHeldChoices();
  const forms = holdForms(choices.inputs);
  const filler = createInputFiller(knownFiles);
  const rechoices = createRechoices();
  const detached = createDetachedInputs(context, {
    onDialog(input) {
      rechoices.opens(input);
      // Without a person no dialog opens.
      if (navigator.userActivation.isActive) warmUp();
    },
    listenAt(target) {
      target.addEventListener("input", onEvent, true);
      target.addEventListener("change", onEvent, true);
      // A label passes its click on.
      target.addEventListener("click", onClick, true);
    },
  });

  function onEvent(event: Event) {
    if (filler.isDispatching(event)) return;
    const input = gate.state === "off" ? originOf(event) : inputOf(event, context);
    if (!isFileInput(input)) return;
    // It may have been watched before the gate was known to be off.
    if (gate.state === "off" && !choices.has(input)) return detached.unwatch(input);

    if (choices.absorb(input, event) || rechoices.absorb(input, event))
      return event.stopImmediatePropagation();
    // What a script puts into an input, the page has already.
    if (!event.isTrusted) return;
    choices.abandon(input);
    const files = [...(input.files ?? [])];
    if (gate.state === "off" || !files.some(needsProtection)) return detached.unwatch(input);
    event.stopImmediatePropagation();
    const before = rechoices.repeated(input, files);
    if (before) {
      detached.unwatch(input);
      if (import.meta.env.FIREFOX) return filler.fill(input, before);
      filler.put(input, before);
      return filler.dispatch(input, "cancel");
    }
    hold(input, files, event.type === "input");
  }

  function onClick(event: Event) {
    const target = originOf(event);
    if (isElement(target)) detached.watch(target);
  }

  const { hold, holdDrop } = createHolder(context, { choices, forms, filler, rechoices, detached, onEvent });

  captureAtWindow("input", onEvent);
  captureAtWindow("change", onEvent);
  captureAtWindow("click", onClick);
  // In the back/forward cache the page loses its port to the worker, so that its choices end as well.
  window.addEventListener("pagehide", choices.abandonAll);

  return { watch: detached.watch, holdDrop, holdsSubmit: forms.holdsSubmit };
}

interface HolderParts {
  readonly choices: HeldChoices;
  readonly forms: Forms;
  readonly filler: InputFiller;
  readonly rechoices: Rechoices;
  readonly detached: DetachedInputs;
  onEvent(event: Event): void;
}

/** Holds choices and drops, and gives the inputs their files. */
function createHolder({ handle, tellPaths }: PageContext, parts: HolderParts) {
  const { choices, forms, filler, rechoices, detached, onEvent } = parts;

  function hold(input: HTMLInputElement, files: readonly File[], awaitsChange: boolean) {
    input.value = "";
    const choice = choices.hold(input, awaitsChange);
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
          fill(
            input,
            result.map((file, i) => [file, files[i]?.webkitRelativePath ?? ""]),
          );
          rechoices.filled(input, files);
        });
        // Nothing shows what a page does with an input that has files.
        return true;
      },
      cancel: () => settle(false, () => filler.dispatch(input, "cancel")),
    });
  }

  function fill(input: HTMLInputElement, withPaths: FilesWithPaths) {
    const files = withPaths.map(([file]) => file);
    const paths = withPaths.map(([, path]) => path);
    if (paths.some(Boolean)) tellPaths(files, paths);
    filler.fill(input, files);
  }

  /** `change` and `submit` do not leave a shadow root, so that they have to be stopped at its top. */
  function listenAtShadowRoot(input: HTMLInputElement) {
    const root = input.getRootNode();
    if (!("host" in root)) return;
    root.addEventListener("change", onEvent, true);
    forms.listenAt(root);
  }

  return {
    hold,
    holdDrop(input: HTMLInputElement): HeldDrop {
      const choice = choices.hold(input, false);
      listenAtShadowRoot(input);
      return {
        signal: choice.signal,
        settle(files) {
          if (!choices.settle(input, choice)) return;
          if (files?.length) fill(input, files);
          forms.settled(input, files !== undefined);
        },
      };
    },
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
  // Keys in a text field fire `input` as well.
  if (!isElement(target) || "inputType" in event) return undefined;
  return fileInputsIn(target, shadowRootOf).find(({ files }) => [...(files ?? [])].some(needsProtection));
}
