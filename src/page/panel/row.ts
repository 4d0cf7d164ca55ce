/**
 * One picture of a card: its name among several, what is happening to it, and the question after a failure.
 */
import { pageProblemText } from "../../bridge/strings/page-problems.ts";
import { type Purpose, panel } from "../../bridge/strings/panel.ts";
import { stages } from "../../bridge/strings/stages.ts";
import type { Row } from "./contract.ts";
import { button, make, type OriginalButton } from "./elements.ts";

interface RowOptions {
  readonly document: Document;
  /** Only among several pictures. */
  readonly name: string | undefined;
  readonly purpose: Purpose;
  readonly originalButton: OriginalButton;
  /** How much of the work is done, 0..1. */
  onFraction(fraction: number): void;
  onCancel(): void;
  /** A question is open (`true`), or there is none any more. */
  onQuestion(open: boolean): void;
}

export interface RowParts {
  readonly element: HTMLElement;
  readonly row: Row;
  /** Whether the picture has been protected, and not sent as it was. */
  isProtected(): boolean;
}

export function makeRow(options: RowOptions): RowParts {
  const { document, name, purpose, originalButton, onFraction, onCancel, onQuestion } = options;
  const text = make(document, "span", { role: "status", textContent: stages.waiting });
  const share = make(document, "small", { ariaHidden: "true" });
  const line = make(document, "div", { className: "line" }, text, share);
  const element = make(document, "li", {}, line);
  if (name !== undefined) element.prepend(make(document, "div", { className: "name", textContent: name }));

  let detail: HTMLElement | undefined;
  let done = false;

  // A live region reads out what is set, also if it is the same as before.
  const say = (words: string) => {
    if (text.textContent !== words) text.textContent = words;
  };

  function show(words: string, failed: boolean, nextDetail?: HTMLElement) {
    say(words);
    share.textContent = "";
    element.className = failed ? "failed" : "";
    text.role = failed ? "alert" : "status";
    detail?.remove();
    detail = nextDetail;
    if (detail) element.append(detail);
    if (failed) detail?.scrollIntoView({ block: "nearest" });
    onQuestion(failed);
  }

  const row: Row = {
    start(onSkip) {
      // For a single picture, the card's own buttons say it.
      const skip = purpose.skip && onSkip && name ? originalButton(purpose.skip, onSkip, "link") : undefined;
      if (skip && name) skip.ariaLabel = panel.skip(name);
      show(stages.waiting, false, skip);
      if (skip) line.append(skip);
    },
    progress({ stage, fraction }) {
      say(stages[stage]);
      share.textContent = stage === "waiting" ? "" : `${Math.floor(100 * fraction)}\u00a0%`;
      onFraction(fraction);
    },
    done({ headline, details }) {
      done = true;
      onFraction(1);
      show(headline, false, make(document, "small", { textContent: details.join("\n") }));
    },
    original() {
      onFraction(1);
      show(panel.original, false);
    },
    ask: (problem) =>
      new Promise((resolve) => {
        onFraction(0);
        const { retry, use, cancel } = panel.buttons;
        const isQuestion = typeof problem === "string";
        const question = make(
          document,
          "div",
          { className: "ask" },
          button(document, isQuestion ? use : retry, () => resolve("retry"), "first"),
          ...(purpose.original ? [originalButton(purpose.original, () => resolve("original"))] : []),
          button(document, cancel, onCancel),
        );
        show(isQuestion ? problem : panel.failed(pageProblemText(problem)), true, question);
      }),
  };
  return { element, row, isProtected: () => done };
}
