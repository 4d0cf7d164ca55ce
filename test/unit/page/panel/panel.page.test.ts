import { describe, expect, it, type MockInstance, onTestFinished, vi } from "vitest";
import { type Purpose, saving, sending, panel as words } from "../../../../src/bridge/strings/panel.ts";
import { stages } from "../../../../src/bridge/strings/stages.ts";
import type { Card, Row } from "../../../../src/page/panel/contract.ts";
import { openPage, type PageWindow } from "../support/page.ts";
import { click, press } from "../support/person.ts";

const { buttons } = words;

const WORDS = {
  headline: "It is now a different picture.",
  details: ["Taken for another: 4 % → 99.7 %", "Smaller."],
};

interface Shown {
  readonly card: Card;
  /** The only row, or the first. */
  readonly row: Row;
  readonly decisions: Record<
    "cancel" | "notThisTime" | "notOnThisSite",
    ReturnType<typeof vi.fn<() => void>>
  >;
  /** The panel's element, which a page can see. */
  readonly host: HTMLElement;
  /** What is in it, which a page cannot see. */
  readonly root: ShadowRoot;
  /** The clock of the panel. */
  readonly clock: MockInstance<Performance["now"]>;
  /** Opens another card in the same panel. */
  openAnother(): void;
  /** All words that are shown in the first card. */
  text(): string;
  /** A button; throws where there is none with this label. */
  button(label: string): HTMLButtonElement;
}

/** In a frame the panel goes to the outermost document: the one that shows the tests. */
const top = window.top as PageWindow;

/** Opens a card from a page. */
async function showCard(names: readonly string[] = ["cat.png"], purpose: Purpose = sending): Promise<Shown> {
  const page = openPage();
  const { createPanel } =
    await page.load<typeof import("../../../../src/page/panel/panel.ts")>("/src/page/panel/panel.ts");
  const openCard = createPanel((element) => element.shadowRoot);
  const attachShadow = vi.spyOn(top.Element.prototype, "attachShadow");
  const decisions = { cancel: vi.fn(), notThisTime: vi.fn(), notOnThisSite: vi.fn() };
  const card = openCard(names, purpose === saving ? { cancel: decisions.cancel } : decisions, purpose);
  const root = attachShadow.mock.results[0]?.value as ShadowRoot;
  attachShadow.mockRestore();
  onTestFinished(card.close);
  const all = () => [...root.querySelectorAll("button")].filter((button) => button.checkVisibility());
  return {
    clock: vi.spyOn(page.window.performance, "now"),
    openAnother: () => onTestFinished(openCard(["dog.png"], decisions, purpose).close),
    ...{ card, root, decisions, row: card.rows[0] as Row, host: root.host as HTMLElement },
    text: () => root.querySelector("section")?.innerText.replace(/\s+/g, " ") ?? "",
    button(label) {
      const button = all().find(({ textContent }) => textContent === label);
      if (!button)
        throw new Error(`expected a button “${label}”, got ${all().map((one) => one.textContent)}`);
      return button;
    },
  };
}

/** Longer than a button that sends an original must have been visible. */
const LOOK = 800;
const look = () => new Promise((resolve) => setTimeout(resolve, LOOK));

describe("the panel", () => {
  it("is in the page as long as there is a card", async () => {
    const { host, card } = await showCard();
    expect(host.isConnected).toBe(true);
    expect(host.shadowRoot).toBeNull();
    card.close();
    expect(host.isConnected).toBe(false);
  });

  it("goes to the outermost document that can be reached", async () => {
    const { host } = await showCard();
    expect(host.ownerDocument).toBe(top.document);
  });

  it("comes back when the page removes it, and goes into a modal dialog", async () => {
    const { host } = await showCard();
    host.remove();
    await expect.poll(() => host.isConnected, { timeout: 3000 }).toBe(true);
    const dialog = top.document.createElement("dialog");
    top.document.body.append(dialog);
    onTestFinished(() => dialog.remove());
    dialog.showModal();
    await expect.poll(() => host.parentElement, { timeout: 3000 }).toBe(dialog);
    expect(host.matches(":popover-open")).toBe(true);
  });

  it("goes into a modal dialog in a shadow root, from outside of which nothing can be clicked", async () => {
    const { host, button, decisions } = await showCard();
    const outer = top.document.body.appendChild(top.document.createElement("x-dialog"));
    onTestFinished(() => outer.remove());
    const dialog = top.document.createElement("dialog");
    outer.attachShadow({ mode: "open" }).append(dialog);
    dialog.showModal();
    await expect.poll(() => host.parentElement, { timeout: 4000 }).toBe(dialog);
    await click(button(buttons.cancel));
    expect(decisions.cancel).toHaveBeenCalled();
  });

  it("is written from left to right in a page that is not", async () => {
    top.document.documentElement.dir = "rtl";
    onTestFinished(() => top.document.documentElement.removeAttribute("dir"));
    const { root } = await showCard();
    expect(getComputedStyle(root.querySelector("section") as Element).direction).toBe("ltr");
  });

  it("is reached by one key, which leads back as well, and answers to Escape", async () => {
    const field = top.document.body.appendChild(top.document.createElement("input"));
    onTestFinished(() => field.remove());
    field.focus();
    const { root, decisions } = await showCard();
    const heard = vi.fn();
    top.document.addEventListener("keydown", heard, { signal: AbortSignal.timeout(5000) });
    await press("F6");
    expect(root.activeElement).toMatchObject({ textContent: buttons.cancel });
    await press("F6");
    expect(top.document.activeElement).toBe(field);
    await press("F6");
    await press("Escape");
    expect(decisions.cancel).toHaveBeenCalledOnce();
    expect(heard).not.toHaveBeenCalled();
  });

  it("leaves Escape to the page where the focus is not in it, and closes what is done", async () => {
    const { host, card, row, decisions } = await showCard();
    await press("Escape");
    expect(decisions.cancel).not.toHaveBeenCalled();
    row.done(WORDS);
    card.refused(() => {});
    await press("F6");
    await press("Escape");
    expect(host.isConnected).toBe(false);
    expect(decisions.cancel).not.toHaveBeenCalled();
  });

  it("leads first to the question, if there is one", async () => {
    const { root, row } = await showCard();
    void row.ask({ code: "empty" });
    await press("F6");
    expect(root.activeElement).toMatchObject({ textContent: buttons.retry });
  });

  it("keeps its clicks and keys from the page", async () => {
    const { button } = await showCard();
    const heard = vi.fn();
    for (const type of ["click", "mousedown", "pointerdown", "keydown"])
      top.document.addEventListener(type, heard, { signal: AbortSignal.timeout(5000) });
    await click(button(buttons.cancel));
    button(buttons.cancel).dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, composed: true }));
    expect(heard).not.toHaveBeenCalled();
  });

  it("looks the same under a style sheet of the page", async () => {
    const { host, root } = await showCard();
    const section = root.querySelector("section") as HTMLElement;
    const look = () => {
      const [outer, inner] = [getComputedStyle(host), getComputedStyle(section)];
      return [
        outer.opacity,
        outer.display,
        outer.position,
        inner.color,
        inner.backgroundColor,
        inner.fontSize,
      ];
    };
    const before = look();
    expect(before.slice(0, 3)).toEqual(["1", "block", "fixed"]);
    const style = top.document.createElement("style");
    style.textContent = `* {
      --ink: transparent !important; --surface: transparent !important; --text: 1px !important;
      color: transparent !important; background: none !important; opacity: 0 !important;
      display: none !important; position: static !important; font-size: 1px !important;
    }`;
    top.document.head.append(style);
    onTestFinished(() => style.remove());
    expect(look()).toEqual(before);
  });
});

describe("a card", () => {
  it("says which picture is at which stage, and how far it is", async () => {
    const { row, text } = await showCard();
    row.start();
    expect(text()).toContain(sending.working(["cat.png"]));
    expect(text()).toContain(stages.waiting);
    expect(text()).not.toMatch(/%/);
    row.progress({ stage: "ascend", fraction: 0.25 });
    expect(text()).toContain(stages.ascend);
    expect(text()).toContain("25 %");
  });

  it("never says 100 % before the work is done", async () => {
    const { row, text } = await showCard();
    row.progress({ stage: "verify", fraction: 0.9999 });
    expect(text()).toContain("99 %");
  });

  it("says what the result means, with the figure behind it", async () => {
    const { card, row, text } = await showCard();
    row.done(WORDS);
    card.finish();
    expect(text()).toContain(sending.done(1, 1));
    for (const said of [WORDS.headline, ...WORDS.details]) expect(text()).toContain(said);
  });

  it("of several pictures names each, and counts at the end", async () => {
    const { card, text } = await showCard(["cat.png", "dog.png"]);
    expect(text()).toContain("cat.png");
    expect(text()).toContain("dog.png");
    card.rows[0]?.done(WORDS);
    card.rows[1]?.original();
    card.finish();
    expect(text()).toContain(sending.done(1, 2));
    expect(text()).toContain(words.original);
  });

  it("without a protected picture closes at once", async () => {
    const { card, row, host } = await showCard();
    row.original();
    card.finish();
    expect(host.isConnected).toBe(false);
  });

  it("adds up the progress of its pictures", async () => {
    const { card, root } = await showCard(["cat.png", "dog.png"]);
    card.rows[0]?.done(WORDS);
    card.rows[1]?.progress({ stage: "ascend", fraction: 0.5 });
    expect(root.querySelector("progress")).toMatchObject({ max: 2, value: 1.5 });
  });
});

describe("a question after a failure", () => {
  const problem = { code: "unavailable/worker" } as const;

  it("says what is wrong, in place of the card's own buttons", async () => {
    const { row, text, root } = await showCard();
    void row.ask(problem);
    expect(text()).toContain(words.asking);
    expect(text()).toMatch(/Not protected\. .*did not answer/);
    expect(root.querySelector("footer")?.hidden).toBe(true);
    expect(root.querySelector("[role=alert]")).not.toBeNull();
  });

  it.each([
    [buttons.retry, "retry"],
    [sending.original ?? "", "original"],
  ])("is answered by “%s”", async (label, answer) => {
    const { row, button } = await showCard();
    const asked = row.ask(problem);
    if (answer === "original") await look();
    await click(button(label));
    expect(await asked).toBe(answer);
  });

  it("can be answered by cancelling all", async () => {
    const { row, button, decisions } = await showCard();
    void row.ask(problem);
    await click(button(buttons.cancel));
    expect(decisions.cancel).toHaveBeenCalledOnce();
  });

  it("goes when the picture is tried again", async () => {
    const { row, text, root } = await showCard();
    void row.ask(problem);
    row.start();
    expect(text()).not.toContain("Not protected");
    expect(root.querySelector("footer")?.hidden).toBe(false);
    expect(root.querySelector("[role=alert]")).toBeNull();
  });

  it("does not hide the buttons of a card with several pictures", async () => {
    const { card, root } = await showCard(["cat.png", "dog.png"]);
    void card.rows[1]?.ask(problem);
    expect(root.querySelector("footer")?.hidden).toBe(false);
  });

  it("about a copy does not offer an original", async () => {
    const { row, text } = await showCard(["cat"], saving);
    void row.ask(problem);
    expect(text()).toContain(buttons.retry);
    expect(text()).not.toContain(sending.original);
    expect(text()).not.toContain(buttons.notThisTime);
  });
});

describe("a press of a button", () => {
  it.each(["cancel", "notThisTime", "notOnThisSite"] as const)("decides: %s", async (name) => {
    const { button, decisions } = await showCard();
    if (name !== "cancel") await look();
    await click(button(buttons[name]));
    expect(decisions[name]).toHaveBeenCalledOnce();
  });

  it("by a script does not count", async () => {
    const { button, decisions } = await showCard();
    await look();
    for (const name of ["cancel", "notThisTime", "notOnThisSite"] as const) {
      button(buttons[name]).click();
      button(buttons[name]).dispatchEvent(new MouseEvent("click", { bubbles: true }));
      expect(decisions[name]).not.toHaveBeenCalled();
    }
  });

  it("that sends an original does not count before the button is visible", async () => {
    const { button, decisions, text } = await showCard();
    await click(button(buttons.notThisTime));
    expect(decisions.notThisTime).not.toHaveBeenCalled();
    expect(text()).toContain(words.covered);
  });

  it("that sends an original counts 400 milliseconds after the button has become visible", async () => {
    const { button, decisions, clock } = await showCard();
    const now = clock.mockReturnValue(1000);
    await look();
    now.mockReturnValue(1399);
    await click(button(buttons.notThisTime));
    expect(decisions.notThisTime).not.toHaveBeenCalled();
    // The panel has been raised, so that the button becomes visible again.
    await look();
    now.mockReturnValue(1799);
    await click(button(buttons.notThisTime));
    expect(decisions.notThisTime).toHaveBeenCalledOnce();
  });

  it("does not count while something covers the button", async () => {
    const { button, decisions, text } = await showCard();
    await look();
    const cover = top.document.createElement("div");
    cover.popover = "manual";
    cover.style.cssText =
      "position: fixed; inset: 0; width: 100%; height: 100%; opacity: 0.9; pointer-events: none";
    top.document.body.append(cover);
    onTestFinished(() => cover.remove());
    cover.showPopover();
    await look();
    await click(button(buttons.notThisTime));
    expect(decisions.notThisTime).not.toHaveBeenCalled();
    expect(text()).toContain(words.covered);
  });

  it("that sends an original does not count when another card has just moved the button", async () => {
    const { button, decisions, text, openAnother } = await showCard();
    await look();
    openAnother();
    await click(button(buttons.notThisTime));
    expect(decisions.notThisTime).not.toHaveBeenCalled();
    expect(text()).toContain(words.covered);
    await look();
    await click(button(buttons.notThisTime));
    expect(decisions.notThisTime).toHaveBeenCalledOnce();
  });

  it("skips one picture among several", async () => {
    const { row, button } = await showCard(["cat.png", "dog.png"]);
    const skip = vi.fn();
    row.start(skip);
    const link = button(sending.skip ?? "");
    expect(link.ariaLabel).toBe(words.skip("cat.png"));
    await look();
    await click(link);
    expect(skip).toHaveBeenCalledOnce();
  });
});

describe("a page that does not take the files", () => {
  it("is told of, and the files can be saved", async () => {
    const { card, row, text, button, host } = await showCard();
    row.done(WORDS);
    const save = vi.fn();
    card.refused(save);
    expect(text()).toContain(words.refused.title);
    expect(text()).toContain(words.refused.text);
    await click(button(buttons.save));
    expect(save).toHaveBeenCalledOnce();
    expect(text()).toContain(words.saved);
    expect(text()).not.toContain(words.refused.text);
    await click(button(buttons.close));
    expect(host.isConnected).toBe(false);
  });

  it("can be told of by the person", async () => {
    const { card, row, text, button } = await showCard();
    row.done(WORDS);
    const save = vi.fn();
    card.finish(save);
    await click(button(buttons.notTaken));
    expect(save).toHaveBeenCalledOnce();
    expect(text()).toContain(words.saved);
  });
});
