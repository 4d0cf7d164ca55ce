/**
 * Forms with a file input whose choice is still held. Submitting such a form waits, so that the form is never
 * sent without the picture. When the last of its inputs has its files, the form is submitted in the way in
 * which it would have been. Cancelling a choice also cancels the submission.
 */
import { captureAtWindow } from "./capture-listeners.ts";

export interface Forms {
  /** Continues or cancels the submission that waits for an input. */
  settled(input: HTMLInputElement, delivered: boolean): void;
  /** Also listens at a shadow root, which `submit` and `invalid` do not leave. */
  listenAt(shadowRoot: EventTarget): void;
  /**
   * Holds a call of `submit()`.
   *
   * @param target the form, or the host of the closed shadow root that it is in
   * @returns whether the call has to wait
   */
  holdsSubmit(target: EventTarget | null): boolean;
}

/**
 * How a form is submitted: by a button, without one, or by its method `submit()`, which neither validates nor
 * fires an event.
 */
type Submission = HTMLButtonElement | null | "submit()";

/** @param heldInputs the inputs of a form, or of all forms, whose choice is held */
export function holdForms(heldInputs: (form?: HTMLFormElement) => readonly HTMLInputElement[]): Forms {
  const submissions = new Map<HTMLFormElement, Submission>();
  let clickedButton: HTMLButtonElement | null = null;

  function onSubmit(event: Event) {
    const form = event.composedPath()[0] as HTMLFormElement;
    if (heldInputs(form).length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    submissions.set(form, (event as SubmitEvent).submitter as HTMLButtonElement | null);
  }

  // A `required` input is empty while its choice is held, so that the browser would refuse to submit.
  function onInvalid(event: Event) {
    const input = event.composedPath()[0] as HTMLInputElement;
    const { form } = input;
    if (!form || !input.validity.valueMissing || !heldInputs(form).includes(input)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (clickedButton?.form === form) submissions.set(form, clickedButton);
  }

  // Pages check validity for other reasons too. Only a person's click on a submit button means to submit.
  function onClick(event: Event) {
    if (!event.isTrusted) return;
    const target = event.composedPath()[0] as Element;
    clickedButton = target.closest?.(
      "button,input[type=submit],input[type=image]",
    ) as HTMLButtonElement | null;
    if (clickedButton) setTimeout(() => (clickedButton = null));
  }

  captureAtWindow("submit", onSubmit);
  captureAtWindow("invalid", onInvalid);
  captureAtWindow("click", onClick);

  return {
    listenAt(shadowRoot) {
      shadowRoot.addEventListener("submit", onSubmit, true);
      shadowRoot.addEventListener("invalid", onInvalid, true);
    },
    holdsSubmit(target) {
      const input = heldInputs().find(
        ({ form }) => form && (form === target || (form.getRootNode() as ShadowRoot).host === target),
      );
      if (!input?.form) return false;
      submissions.set(input.form, "submit()");
      return true;
    },
    settled(input, delivered) {
      const { form } = input;
      if (!form || !submissions.has(form)) return;
      if (delivered && heldInputs(form).length > 0) return;
      const submission = submissions.get(form) as Submission;
      submissions.delete(form);
      if (delivered) submit(form, submission);
    },
  };
}

/** Calls the prototype's methods: a field of the form may have the name of a method. */
function submit(form: HTMLFormElement, submission: Submission) {
  if (submission === "submit()") HTMLFormElement.prototype.submit.call(form);
  else HTMLFormElement.prototype.requestSubmit.call(form, submission?.form === form ? submission : null);
}
