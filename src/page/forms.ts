/**
 * Forms with an input whose files are still being protected. Submitting one waits, so that it never goes out without the
 * picture; when the last of its inputs has its files, it is submitted the way the person meant it. Cancelling a picture
 * also calls off the submission.
 */
import { listenFirst } from "./first.ts";

export interface Forms {
  /** An input of a form has its files (`true`) or was cancelled. */
  settled(input: HTMLInputElement, delivered: boolean): void;
  /** Also listens at a shadow root, which `submit` does not leave. */
  watch(root: EventTarget): void;
  /** The page calls `submit()` of this form, of which outside of a closed shadow root only the host is known. */
  holdsSubmit(form: EventTarget | null): boolean;
}

/** `plain`: by the form's `submit()`, which neither validates nor fires an event. */
type Submitter = HTMLElement | null | "plain";

/** @param waiting the inputs of a form, or of all, that have no files yet */
export function holdForms(waiting: (form?: HTMLFormElement) => readonly HTMLInputElement[]): Forms {
  const submissions = new Map<HTMLFormElement, Submitter>();
  let clicked: Submitter = null;

  function onSubmit(event: Event) {
    const form = event.composedPath()[0] as HTMLFormElement;
    if (waiting(form).length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    submissions.set(form, (event as SubmitEvent).submitter);
  }

  // A `required` input looks forgotten while we hold its files: the browser would complain instead of submitting.
  function onInvalid(event: Event) {
    const input = event.composedPath()[0] as HTMLInputElement;
    const { form } = input;
    if (!form || !input.validity.valueMissing || !waiting(form).includes(input)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (clicked && (clicked as HTMLButtonElement).form === form) submissions.set(form, clicked);
  }

  // Only a person's click on a submit button means to submit; pages also check validity for other reasons.
  function onClick(event: Event) {
    if (!event.isTrusted) return;
    const target = event.composedPath()[0] as Element;
    clicked = target.closest?.("button,input[type=submit],input[type=image]") as Submitter;
    if (clicked) setTimeout(() => (clicked = null));
  }

  function watch(root: EventTarget) {
    root.addEventListener("submit", onSubmit, true);
    root.addEventListener("invalid", onInvalid, true);
  }

  listenFirst("submit", onSubmit);
  listenFirst("invalid", onInvalid);
  listenFirst("click", onClick);

  return {
    watch,
    holdsSubmit(node) {
      const input = waiting().find(
        ({ form }) => form && (form === node || (form.getRootNode() as ShadowRoot).host === node),
      );
      if (!input?.form) return false;
      submissions.set(input.form, "plain");
      return true;
    },
    settled(input, delivered) {
      const { form } = input;
      if (!form || !submissions.has(form)) return;
      const submitter = submissions.get(form) as HTMLButtonElement | null | "plain";
      if (delivered && waiting(form).length > 0) return;
      submissions.delete(form);
      if (!delivered) return;
      if (submitter === "plain") return HTMLFormElement.prototype.submit.call(form);
      // A field named "requestSubmit" would hide the method.
      HTMLFormElement.prototype.requestSubmit.call(form, submitter?.form === form ? submitter : null);
    },
  };
}
