/**
 * The panel: what Penumbra says and asks while a page waits for its files. One card for each choice of files, in a closed
 * shadow root above everything else on the page. Only a person's own clicks count, and there is nothing on the page when
 * there is nothing to say.
 */
import type { ProblemData } from "../shared/errors.ts";
import type { Progress, ProtectionReport } from "../shared/report.ts";
import { HOST_STYLE, PANEL_STYLE } from "./panel-style.ts";

export interface Card {
  readonly rows: readonly Row[];
  /** All is done: a short confirmation, then nothing. */
  finish(): void;
  /** Away at once. */
  close(): void;
}

/** One picture of a card. */
export interface Row {
  /** Its turn has come; `onSkip` is called when the person would rather send the original. */
  start(onSkip?: () => void): void;
  progress(progress: Progress): void;
  done(report: ProtectionReport): void;
  /** The original was sent, because the person said so. */
  original(): void;
  /** Says what went wrong and waits for a decision; "cancel" goes to the card's `onCancel`. */
  ask(problem: ProblemData): Promise<"retry" | "original">;
}

/** What a card says about its purpose. Without a word for the original, it is not offered. */
export interface Wording {
  readonly one: (name: string) => string;
  readonly done: string;
  readonly skip?: string;
  readonly original?: string;
}

export const SENDING: Wording = {
  one: (name) => `Protecting ${name}`,
  done: "Protected",
  skip: "Send original",
  original: "Send the original",
};

export const SAVING: Wording = {
  one: (name) => `Protecting a copy of ${name}`,
  done: "Protected copy saved",
};

/** Shows a card for the pictures with these names; by default in the words of {@link SENDING}. */
export type OpenCard = (names: readonly string[], onCancel: () => void, wording?: Wording) => Card;

const STAGES: Readonly<Record<Progress["stage"], string>> = {
  waiting: "Waiting for its turn",
  decode: "Reading the picture",
  ascend: "Making it unlearnable",
  encode: "Writing the file",
  verify: "Checking the result",
};

/** Milliseconds that a confirmation stays, and that it takes to fade. */
const STAY = 4000;
const FADE = 450;

/** How often it stays once more for a person who seems to be reading it. */
const LONGER = 3;

/** Events of the panel that the page has no use for: clicks outside of its menus, its shortcuts. */
const OURS = "click mousedown mouseup pointerdown pointerup keydown keyup keypress focusin focusout".split(
  " ",
);

/** Makes the panel of this document. Nothing is added to the page before the first card. */
export function createPanel(): OpenCard {
  let stage: { readonly host: HTMLElement; readonly root: ShadowRoot; readonly timer: number } | undefined;

  function open(): ShadowRoot {
    if (stage) return stage.root;
    const document = outermost();
    const host = document.createElement("div");
    host.style.cssText = HOST_STYLE;
    host.popover = "manual";
    const root = host.attachShadow({ mode: "closed" });
    root.append(make(document, "style", { textContent: PANEL_STYLE }));
    for (const type of OURS) root.addEventListener(type, (event) => event.stopPropagation());
    // Pages open and close dialogs, and some remove what they do not know: a question must not get lost.
    const timer = window.setInterval(() => place(host), 1000);
    stage = { host, root, timer };
    place(host);
    return root;
  }

  function shut() {
    if (!stage || stage.root.querySelector("section")) return;
    clearInterval(stage.timer);
    stage.host.remove();
    stage = undefined;
  }

  return (names, onCancel, wording = SENDING) => {
    const root = open();
    const card = makeCard(root.ownerDocument, names, onCancel, wording);
    root.append(card.element);
    const close = () => {
      card.element.remove();
      shut();
    };
    window.addEventListener("pagehide", (event) => event.persisted || close());
    return {
      rows: card.rows,
      close,
      finish() {
        if (!card.finish()) return close();
        let longer = LONGER;
        const fade = () => {
          if (longer-- > 0 && card.element.matches(":hover,:focus-within")) {
            setTimeout(fade, STAY);
            return;
          }
          card.element.classList.add("over");
          setTimeout(close, FADE);
        };
        setTimeout(fade, STAY);
      },
    };
  };
}

/** A frame may be small or hidden, so the panel goes to the outermost document within reach. */
function outermost(): Document {
  let reach: Window = window;
  try {
    while (reach.parent !== reach && reach.parent.document) reach = reach.parent;
  } catch {
    // A frame of another origin ends the way up.
  }
  return reach.document;
}

/** Outside of a modal dialog nothing can be clicked, so the panel goes into it. */
function place(host: HTMLElement) {
  const { documentElement } = host.ownerDocument;
  const parent = [...documentElement.querySelectorAll("dialog:modal")].at(-1) ?? documentElement;
  if (host.parentNode !== parent) parent.append(host);
  if (!host.matches(":popover-open")) host.showPopover();
}

function makeCard(document: Document, names: readonly string[], onCancel: () => void, wording: Wording) {
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
  const footer = make(document, "footer", {}, button(document, "Cancel", onCancel));
  const element = make(
    document,
    "section",
    {},
    make(document, "header", {}, make(document, "i"), title),
    bar,
    list,
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
      onCancel,
      wording,
      () => {
        if (many) return;
        // With a question open, its own "Cancel" is the one to see.
        footer.hidden = item.classList.contains("failed");
        title.textContent = footer.hidden ? "Waiting for your answer" : wording.one(name);
      },
    );
    list.append(item);
    return row;
  });

  /** @returns whether there is anything to confirm */
  function finish(): boolean {
    const done = reports.filter((report) => report !== undefined).length;
    footer.hidden = true;
    bar.hidden = true;
    const rest = names.length - done;
    title.textContent = many ? `${done} of ${names.length} protected` : wording.done;
    if (done > 0 && rest > 0) title.textContent += `, ${rest} sent as chosen`;
    return done > 0;
  }

  return { element, rows, finish };
}

function makeRow(
  document: Document,
  name: string | undefined,
  onFraction: (fraction: number) => void,
  onReport: (report: ProtectionReport) => void,
  onCancel: () => void,
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
      const link = skip && onSkip ? button(document, skip, onSkip, "link") : undefined;
      if (link) link.ariaLabel = `Skip: send the original${name === undefined ? "" : ` of ${name}`}`;
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
      show(`Label error ${percents(report.labelErrorBefore)} → ${percents(report.labelErrorAfter)}`, "");
    },
    original() {
      onFraction(1);
      show("Sent as chosen, not protected", "");
    },
    ask: ({ message }) =>
      new Promise((resolve) => {
        onFraction(0);
        const ask = make(
          document,
          "div",
          { className: "ask" },
          button(document, "Try again", () => resolve("retry"), "first"),
          ...(original ? [button(document, original, () => resolve("original"))] : []),
          button(document, "Cancel", onCancel),
        );
        show(`Not protected. ${message}`, "failed", ask);
        text.role = "alert";
      }),
  };
  return { item, row };
}

function percents(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

function button(document: Document, label: string, onPress: () => void, className = ""): HTMLButtonElement {
  const element = make(document, "button", { type: "button", textContent: label, className });
  element.addEventListener("click", (event) => event.isTrusted && onPress());
  return element;
}

function make<Tag extends keyof HTMLElementTagNameMap>(
  document: Document,
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: Node[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
