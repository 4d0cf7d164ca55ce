/**
 * A card of the panel: how far a choice of pictures is, what went wrong with which, and what the person can
 * decide.
 */
import { type Purpose, panel } from "../../bridge/strings/panel.ts";
import type { Card, Decisions } from "./contract.ts";
import { button, make, type OriginalButton, originalButtons } from "./elements.ts";
import { makeRow } from "./row.ts";

interface CardOptions {
  readonly document: Document;
  readonly names: readonly string[];
  readonly decisions: Decisions;
  readonly purpose: Purpose;
  /** Removes the card. */
  close(): void;
  /** Brings the panel above what covers it. */
  raise(): void;
}

interface CardParts extends Pick<Card, "rows"> {
  readonly element: HTMLElement;
  /** What Escape does: cancels, or closes what is done. */
  dismiss(): void;
  /** @returns whether there is anything to confirm */
  finish(save?: () => void): boolean;
  refused(save: () => void): void;
}

/** The key that takes a person from anywhere in the page to the panel, and back. */
export const PANEL_KEY = "F6";

/** Makes a card that is at work. */
export function makeCard({ document, names, decisions, purpose, close, raise }: CardOptions): CardParts {
  const single = names.length === 1;
  const title = make(document, "b", { role: "status", ariaLive: "polite" });
  const header = make(document, "header", {}, make(document, "i"), title);
  const bar = makeBar(document, names.length);
  const list = make(document, "ul", { className: single ? "" : "many" });
  const note = makeNote(document);
  const originalButton = originalButtons(document, () => {
    raise();
    note.say(panel.covered);
  });
  const footer = makeFooter(document, decisions, originalButton);
  const element = make(
    document,
    "section",
    { ariaLabel: panel.label, ariaKeyShortcuts: PANEL_KEY, dir: "ltr", lang: "en" },
    header,
  );
  element.append(bar.element, list, note.element, footer);
  title.textContent = purpose.working(names);

  const rows = names.map((name, index) =>
    makeRow({
      ...{ document, purpose, originalButton, name: single ? undefined : name },
      onFraction: (fraction) => bar.set(index, fraction),
      onCancel: decisions.cancel,
      onQuestion(open) {
        if (!single) return;
        // The question has buttons of its own.
        footer.hidden = open;
        title.textContent = open ? panel.asking : purpose.working(names);
      },
    }),
  );
  list.append(...rows.map((row) => row.element));

  let dismiss = decisions.cancel;

  function end(heading: string, ...buttons: HTMLElement[]) {
    dismiss = close;
    note.element.hidden = true;
    bar.element.hidden = true;
    title.textContent = heading;
    footer.replaceChildren(...buttons);
    footer.hidden = buttons.length === 0;
  }

  return {
    element,
    dismiss: () => dismiss(),
    rows: rows.map(({ row }) => row),
    finish(save) {
      const done = rows.filter(({ isProtected }) => isProtected()).length;
      const onSave = () => {
        save?.();
        footer.hidden = true;
        note.say(panel.saved);
      };
      const offer = save && button(document, panel.buttons.notTaken, onSave, "link");
      end(purpose.done(done, names.length), ...(offer ? [offer] : []));
      return done > 0;
    },
    refused(save) {
      const onSave = () => {
        save();
        saving.remove();
        note.say(panel.saved);
      };
      const saving = button(document, panel.buttons.save, onSave, "first");
      end(panel.refused.title, saving, button(document, panel.buttons.close, close));
      note.say(panel.refused.text);
    },
  };
}

/** Progress over all pictures. */
function makeBar(document: Document, pictures: number) {
  const fractions: number[] = Array(pictures).fill(0);
  const element = make(document, "progress", { max: pictures, value: 0, ariaLabel: panel.progress });
  return {
    element,
    set(index: number, fraction: number) {
      fractions[index] = fraction;
      element.value = fractions.reduce((sum, value) => sum + value, 0);
    },
  };
}

function makeNote(document: Document) {
  const element = make(document, "p", { role: "status", hidden: true });
  return {
    element,
    say(text: string) {
      element.hidden = false;
      element.textContent = text;
    },
  };
}

function makeFooter(document: Document, decisions: Decisions, originalButton: OriginalButton) {
  const { cancel, notThisTime, notOnThisSite } = decisions;
  const { buttons } = panel;
  return make(
    document,
    "footer",
    {},
    ...(notOnThisSite ? [originalButton(buttons.notOnThisSite, notOnThisSite, "link")] : []),
    ...(notThisTime ? [originalButton(buttons.notThisTime, notThisTime, "link")] : []),
    button(document, buttons.cancel, cancel),
  );
}
