/** A card of the panel: how far a choice of pictures is, what went wrong with which, and what the person can decide. */
import { pageProblemText } from "../../bridge/strings/page-problems.ts";
import type { ProtectionReport } from "../../core/contract/protected-picture.ts";
import type { Card, Decisions, Row } from "./contract.ts";
import { button, make, seenButton } from "./elements.ts";
import { COVERED, NOT_TAKEN, SAVED, STAGES, UNHEARD, type Wording } from "./wording.ts";

interface CardParts extends Pick<Card, "rows"> {
  readonly element: HTMLElement;
  /** @returns whether there is anything to confirm */
  finish(save?: () => void): boolean;
  unheard(save: () => void, close: () => void): void;
}

/** @param raise brings the panel above what lies over it */
export function makeCard(
  document: Document,
  names: readonly string[],
  { cancel, notThisTime, notOnThisSite }: Decisions,
  wording: Wording,
  raise: () => void,
): CardParts {
  const many = names.length > 1;
  const fractions = names.map(() => 0);
  const reports: (ProtectionReport | undefined)[] = [];
  const title = make(document, "b", {
    role: "status",
    textContent: many ? `Protecting ${names.length} pictures` : wording.one(names[0] ?? ""),
  });
  title.ariaLive = "polite";
  const bar = make(document, "progress", { max: names.length, value: 0 });
  bar.ariaLabel = "Progress";
  const list = make(document, "ul", { className: many ? "many" : "" });
  const note = make(document, "p", { role: "status", hidden: true });
  const say = (text: string) => {
    note.hidden = false;
    note.textContent = text;
  };
  /** Buttons that send an original. */
  const sending = (label: string, onPress: () => void, className = "") =>
    seenButton(
      document,
      label,
      onPress,
      () => {
        raise();
        say(COVERED);
      },
      className,
    );
  const footer = make(
    document,
    "footer",
    {},
    ...(notOnThisSite ? [sending("Not on this site", notOnThisSite, "link")] : []),
    ...(notThisTime ? [sending("Not this time", notThisTime, "link")] : []),
    button(document, "Cancel", cancel),
  );
  const element = make(
    document,
    "section",
    {},
    make(document, "header", {}, make(document, "i"), title),
    bar,
    list,
    note,
    footer,
  );
  element.ariaLabel = "Penumbra";

  const rows = names.map((name, index) => {
    const { item, row } = makeRow(
      document,
      many ? name : undefined,
      (fraction) => {
        fractions[index] = fraction;
        bar.value = fractions.reduce((sum, value) => sum + value, 0);
      },
      (report) => {
        reports[index] = report;
      },
      cancel,
      sending,
      wording,
      () => {
        if (many) return;
        // With a question open, its own buttons are the ones to see.
        footer.hidden = item.classList.contains("failed");
        title.textContent = footer.hidden ? "Waiting for your answer" : wording.one(name);
      },
    );
    list.append(item);
    return row;
  });

  function end(heading: string, ...buttons: HTMLElement[]) {
    note.hidden = true;
    bar.hidden = true;
    title.textContent = heading;
    footer.replaceChildren(...buttons);
    footer.hidden = buttons.length === 0;
  }

  return {
    element,
    rows,
    finish(save) {
      const done = reports.filter((report) => report !== undefined).length;
      const rest = names.length - done;
      const heading = many ? `${done} of ${names.length} protected` : wording.done;
      const offer =
        save &&
        button(
          document,
          NOT_TAKEN,
          () => {
            save();
            footer.hidden = true;
            say(SAVED);
          },
          "link",
        );
      end(done > 0 && rest > 0 ? `${heading}, ${rest} sent as chosen` : heading, ...(offer ? [offer] : []));
      return done > 0;
    },
    unheard(save, close) {
      const saving = button(
        document,
        "Save",
        () => {
          save();
          saving.remove();
          say(SAVED);
        },
        "first",
      );
      end("The page took no notice", saving, button(document, "Close", close));
      say(UNHEARD);
    },
  };
}

function makeRow(
  document: Document,
  name: string | undefined,
  onFraction: (fraction: number) => void,
  onReport: (report: ProtectionReport) => void,
  onCancel: () => void,
  sending: (label: string, onPress: () => void, className?: string) => HTMLButtonElement,
  { skip, original }: Wording,
  onChange: () => void,
): { item: HTMLElement; row: Row } {
  const text = make(document, "span", { textContent: STAGES.waiting });
  text.role = "status";
  const percent = make(document, "small");
  percent.ariaHidden = "true";
  const line = make(document, "div", { className: "line" }, text, percent);
  const item = make(document, "li", {}, line);
  if (name !== undefined) item.prepend(make(document, "div", { className: "name", textContent: name }));

  let extra: HTMLElement | undefined;
  const show = (say: string, state: "" | "failed", next: HTMLElement | undefined = undefined) => {
    if (text.textContent !== say) text.textContent = say;
    percent.textContent = "";
    item.className = state;
    extra?.remove();
    extra = next;
    if (next) (state === "failed" ? item : line).append(next);
    if (state === "failed") next?.scrollIntoView({ block: "nearest" });
    onChange();
  };

  const row: Row = {
    start(onSkip) {
      // For a single picture, the card's own buttons say it.
      const link = skip && onSkip && name !== undefined ? sending(skip, onSkip, "link") : undefined;
      if (link) link.ariaLabel = `Skip: send the original of ${name}`;
      show(STAGES.waiting, "", link);
    },
    progress({ stage, fraction }) {
      const say = STAGES[stage];
      if (text.textContent !== say) text.textContent = say;
      percent.textContent = stage === "waiting" ? "" : `${Math.round(fraction * 100)} %`;
      onFraction(fraction);
    },
    done(report) {
      onReport(report);
      onFraction(1);
      const { featureErrorBefore: before, featureErrorAfter: after } = report;
      show(
        before !== undefined && after !== undefined
          ? `Feature error ${percents(before)} → ${percents(after)}`
          : `Label error ${percents(report.labelErrorBefore)} → ${percents(report.labelErrorAfter)}`,
        "",
      );
    },
    original() {
      onFraction(1);
      show("Sent as chosen, not protected", "");
    },
    ask: (problem) =>
      new Promise((resolve) => {
        onFraction(0);
        const ask = make(
          document,
          "div",
          { className: "ask" },
          button(document, "Try again", () => resolve("retry"), "first"),
          ...(original ? [sending(original, () => resolve("original"))] : []),
          button(document, "Cancel", onCancel),
        );
        show(`Not protected. ${pageProblemText(problem)}`, "failed", ask);
        text.role = "alert";
      }),
  };
  return { item, row };
}

function percents(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}
