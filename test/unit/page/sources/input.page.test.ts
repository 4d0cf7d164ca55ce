import { describe, expect, it } from "vitest";
import type { Inputs } from "../../../../src/page/sources/input.ts";
import {
  chosenEvents,
  createTestContext,
  deliver,
  filesIn,
  latest,
  listen,
  madeFile,
  protect,
  putInto,
  type TestContext,
} from "../support/context.ts";
import { openPage, type TestPage } from "../support/page.ts";
import { choose } from "../support/person.ts";

const EVENTS = ["input", "change", "cancel"] as const;

interface Watched extends TestPage, TestContext {
  readonly inputs: Inputs;
  readonly input: HTMLInputElement;
}

/** A page whose inputs are watched. */
async function watchedPage(
  body = "<form><input type=file multiple></form>",
  on: boolean | "unknown" = true,
): Promise<Watched> {
  const page = openPage(body);
  const context = await createTestContext(page, on === "unknown" ? undefined : on);
  const { watchInputs } = await page.load<typeof import("../../../../src/page/sources/input.ts")>(
    "/src/page/sources/input.ts",
  );
  const inputs = watchInputs(context.context);
  const input = page.document.querySelector("input") as HTMLInputElement;
  return { ...page, ...context, inputs, input };
}

function fire(target: EventTarget, type: string): void {
  target.dispatchEvent(new Event(type, { bubbles: true, composed: type === "input" }));
}

describe("a choice in a file input", () => {
  it.each([
    ["window", ({ window }: Watched) => window],
    ["the document", ({ document }: Watched) => document],
    ["the input", ({ input }: Watched) => input],
  ])("is not heard by a listener at %s before it is delivered", async (_, targetOf) => {
    const page = await watchedPage();
    const heard = listen(targetOf(page), EVENTS);
    await choose(page.input, "16.png");
    expect(heard).toEqual([]);
    deliver(latest(page));
    expect(heard).toEqual(chosenEvents("protected 16.png"));
  });

  it("is not heard by a handler in an attribute either", async () => {
    const page = await watchedPage("<input type=file onchange='window.heard = this.files.length'>");
    await choose(page.input, "16.png");
    expect(page.window).not.toHaveProperty("heard");
    deliver(latest(page));
    expect(page.window).toHaveProperty("heard", 1);
  });

  it("leaves the input empty while it is held, also for a page that polls", async () => {
    const page = await watchedPage();
    const seen: number[] = [];
    const timer = setInterval(() => seen.push(page.input.files?.length ?? -1), 1);
    await choose(page.input, "16.png", "32.png");
    await expect.poll(() => seen.length).toBeGreaterThan(5);
    clearInterval(timer);
    expect(new Set(seen)).toEqual(new Set([0]));
    expect(page.input.value).toBe("");
  });

  it("is held with all of its files in order, whatever their types", async () => {
    const page = await watchedPage();
    await choose(page.input, "32.png", "README.md", "16.png");
    expect(latest(page).files.map(({ name }) => name)).toEqual(["32.png", "README.md", "16.png"]);
  });

  it("is put back in order, with the other files as they were", async () => {
    const page = await watchedPage();
    await choose(page.input, "32.png", "README.md", "16.png");
    deliver(latest(page));
    expect(filesIn(page.input)).toEqual(["protected 32.png", "original README.md", "protected 16.png"]);
  });

  it("is dispatched anew with the flags of the browser's own events", async () => {
    const page = await watchedPage();
    const flags: unknown[] = [];
    for (const type of EVENTS)
      page.input.addEventListener(type, ({ bubbles, composed, cancelable }) =>
        flags.push([type, bubbles, composed, cancelable]),
      );
    await choose(page.input, "16.png");
    deliver(latest(page));
    expect(flags).toEqual([
      ["input", true, true, false],
      ["change", true, false, false],
    ]);
  });

  it("is delivered once", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, EVENTS);
    await choose(page.input, "16.png");
    const choice = latest(page);
    deliver(choice);
    choice.deliver([madeFile()]);
    choice.cancel();
    expect(heard).toHaveLength(2);
    expect(filesIn(page.input)).toEqual(["protected 16.png"]);
  });

  it("can be cancelled: the page hears `cancel` once and the input is empty", async () => {
    const page = await watchedPage();
    const heard = listen(page.document, EVENTS, false);
    await choose(page.input, "16.png");
    latest(page).cancel();
    latest(page).cancel();
    expect(heard).toEqual([{ type: "cancel", trusted: false, files: [] }]);
  });

  it("passes as the person's own when nothing in it may be a picture", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, EVENTS);
    await choose(page.input, "README.md");
    expect(page.choices).toEqual([]);
    expect(heard).toEqual(
      ["input", "change"].map((type) => ({ type, trusted: true, files: ["original README.md"] })),
    );
  });

  it("is held as long as the settings are not known", async () => {
    const page = await watchedPage(undefined, "unknown");
    const heard = listen(page.window, EVENTS);
    await choose(page.input, "16.png");
    expect(page.choices).toHaveLength(1);
    expect(heard).toEqual([]);
  });

  it("passes as the person's own where the site is off", async () => {
    const page = await watchedPage(undefined, false);
    const heard = listen(page.window, EVENTS);
    await choose(page.input, "16.png");
    expect(page.choices).toEqual([]);
    expect(heard.map(({ trusted }) => trusted)).toEqual([true, true]);
  });

  it("in another input at the same time is a choice of its own", async () => {
    const page = await watchedPage("<input type=file><input type=file id=other>");
    const other = page.find<HTMLInputElement>("#other");
    await choose(page.input, "16.png");
    await choose(other, "32.png");
    const [first, second] = page.choices;
    if (!first || !second) throw new Error("expected two choices");
    deliver(second);
    expect(filesIn(page.input)).toEqual([]);
    deliver(first);
    expect(filesIn(page.input)).toEqual(["protected 16.png"]);
    expect(filesIn(other)).toEqual(["protected 32.png"]);
  });

  it("ends when the page is left", async () => {
    const page = await watchedPage();
    await choose(page.input, "16.png");
    page.window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    expect(latest(page).signal.aborted).toBe(true);
    deliver(latest(page));
    expect(filesIn(page.input)).toEqual([]);
  });

  it("of a folder announces the path of each file before the page has it", async () => {
    const page = await watchedPage("<input type=file webkitdirectory>");
    const told: number[] = [];
    page.input.addEventListener("change", () => told.push(page.toldPaths.length));
    await choose(page.input, "icons");
    // The browser reads the folder first.
    await expect.poll(() => page.choices).toHaveLength(1);
    deliver(latest(page));
    expect(page.toldPaths.flat()).toContain("protected 16.png at icons/16.png");
    expect(told).toEqual([1]);
  });
});

describe("a second choice in the same input", () => {
  it("takes the place of the first", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, EVENTS);
    await choose(page.input, "16.png");
    const first = latest(page);
    await choose(page.input, "32.png");
    const second = latest(page);
    expect(first.signal.aborted).toBe(true);
    expect(second.signal.aborted).toBe(false);
    deliver(first);
    first.cancel();
    expect(heard).toEqual([]);
    deliver(second);
    expect(heard).toEqual(chosenEvents("protected 32.png"));
  });

  it("without a picture takes the place of the first, too", async () => {
    const page = await watchedPage();
    await choose(page.input, "16.png");
    await choose(page.input, "README.md");
    expect(latest(page).signal.aborted).toBe(true);
    deliver(latest(page));
    expect(filesIn(page.input)).toEqual(["original README.md"]);
  });

  it("counts after the site was switched off, too", async () => {
    const page = await watchedPage();
    await choose(page.input, "16.png");
    page.gate.set(false);
    await choose(page.input, "32.png");
    expect(page.choices).toHaveLength(1);
    expect(latest(page).signal.aborted).toBe(true);
    expect(filesIn(page.input)).toEqual(["original 32.png"]);
  });
});

describe("files that a script of the page puts into an input", () => {
  it("are the page's own: they start no work, and their events pass", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, EVENTS);
    putInto(page.input, madeFile());
    fire(page.input, "input");
    fire(page.input, "change");
    expect(page.choices).toEqual([]);
    expect(heard).toEqual(chosenEvents("original made.png"));
  });

  it("do not end a choice that is held", async () => {
    const page = await watchedPage();
    await choose(page.input, "16.png");
    putInto(page.input, madeFile());
    fire(page.input, "change");
    expect(page.choices).toHaveLength(1);
    const heard = listen(page.window, EVENTS);
    deliver(latest(page));
    expect(heard).toEqual(chosenEvents("protected 16.png"));
  });
});

describe("an event that the page dispatches at an input", () => {
  it("whose choice is held waits with it", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, EVENTS);
    await choose(page.input, "16.png");
    fire(page.input, "change");
    expect(heard).toEqual([]);
    expect(page.choices).toHaveLength(1);
    deliver(latest(page));
    expect(heard).toEqual(chosenEvents("protected 16.png"));
  });

  it("that has its files passes", async () => {
    const page = await watchedPage();
    await choose(page.input, "16.png");
    deliver(latest(page));
    const heard = listen(page.window, EVENTS);
    fire(page.input, "change");
    expect(heard).toHaveLength(1);
    expect(page.choices).toHaveLength(1);
  });
});

describe("an input in a shadow root", () => {
  async function inShadowRoot(attach: (page: Watched, host: Element) => ShadowRoot) {
    const page = await watchedPage("<div id=host></div>");
    const root = attach(page, page.find("#host"));
    root.innerHTML = "<input type=file>";
    const input = root.querySelector("input") as HTMLInputElement;
    return { ...page, root, input };
  }

  it.each([
    ["an open", (_: Watched, host: Element) => host.attachShadow({ mode: "open" })],
    ["a closed", (page: Watched, host: Element) => page.attachClosed(host)],
    [
      "two closed",
      (page: Watched, host: Element) => {
        const inner = page.document.createElement("div");
        page.attachClosed(host).append(inner);
        return page.attachClosed(inner);
      },
    ],
  ])("%s: its page hears of the choice once, with its protected files", async (_, attach) => {
    const page = await inShadowRoot(attach);
    const inside = listen(page.input, EVENTS);
    const atTop = listen(page.root, EVENTS);
    const outside = listen(page.window, ["change"]);
    await choose(page.input, "16.png");
    expect(inside).toEqual([]);
    deliver(latest(page));
    expect(inside).toEqual(chosenEvents("protected 16.png"));
    // A listener at the root itself hears the person's `change` before we can, when the input is empty
    // already.
    expect(atTop.filter(({ trusted }) => trusted).flatMap(({ files }) => files)).toEqual([]);
    expect(atTop.filter(({ trusted }) => !trusted)).toEqual(inside);
    // `change` does not leave a shadow root.
    expect(outside).toEqual([]);
  });

  it("a closed: a second choice is stopped at its top as well", async () => {
    const page = await inShadowRoot((page, host) => page.attachClosed(host));
    await choose(page.input, "16.png");
    deliver(latest(page));
    const heard = listen(page.root, EVENTS);
    await choose(page.input, "32.png");
    expect(heard).toEqual([]);
    deliver(latest(page));
    expect(heard).toEqual(chosenEvents("protected 32.png"));
  });
});

describe("a drop on an input", () => {
  it("ends a choice that is held there, and then puts its files in", async () => {
    const page = await watchedPage();
    await choose(page.input, "16.png");
    const heard = listen(page.window, EVENTS);
    const held = page.inputs.holdDrop(page.input);
    expect(latest(page).signal.aborted).toBe(true);
    held.settle([[protect(madeFile()), ""]]);
    expect(heard).toEqual(chosenEvents("protected made.png"));
    expect(page.choices).toHaveLength(1);
  });

  it("ends when the person chooses something else there meanwhile", async () => {
    const page = await watchedPage();
    const held = page.inputs.holdDrop(page.input);
    await choose(page.input, "16.png");
    expect(held.signal.aborted).toBe(true);
    const heard = listen(page.window, EVENTS);
    held.settle([[protect(madeFile()), ""]]);
    expect(heard).toEqual([]);
  });
});

describe("an input without a place in the document", () => {
  async function detached(around = false) {
    const page = await watchedPage("");
    const input = page.document.createElement("input");
    input.type = "file";
    const top = around ? page.document.createElement("div") : input;
    if (around) top.append(input);
    return { ...page, input, top };
  }

  it.each([
    ["by itself", false],
    ["in a detached element", true],
  ])("%s is held before its own listeners, from the click on that opens its dialog", async (_, around) => {
    const page = await detached(around);
    const heard = listen(page.input, EVENTS);
    page.inputs.watch(page.input);
    await choose(page.input, "16.png");
    expect(heard).toEqual([]);
    deliver(latest(page));
    expect(heard).toEqual(chosenEvents("protected 16.png"));
  });

  it("stands alone again once it has its files, or its dialog was cancelled", async () => {
    const page = await detached();
    page.inputs.watch(page.input);
    expect(page.input.parentNode).not.toBeNull();
    await choose(page.input, "16.png");
    deliver(latest(page));
    expect(page.input.parentNode).toBeNull();
    page.inputs.watch(page.input);
    fire(page.input, "cancel");
    expect(page.input.parentNode).toBeNull();
  });

  it("is found through a detached label", async () => {
    const page = await detached();
    const label = page.document.createElement("label");
    label.append(page.input);
    page.inputs.watch(label);
    const heard = listen(page.input, EVENTS);
    await choose(page.input, "16.png");
    expect(heard).toEqual([]);
    expect(page.choices).toHaveLength(1);
  });

  it.each([
    ["it", (input: HTMLInputElement) => input.remove()],
    ["the element around it", (input: HTMLInputElement) => input.parentElement?.remove()],
  ])("is held, too, if the page removes %s while the dialog is open", async (_, remove) => {
    const page = await watchedPage("<div><input type=file></div>");
    const { input } = page;
    input.addEventListener("click", (event) => event.preventDefault());
    const heard = listen(input, EVENTS);
    input.click();
    remove(input);
    await Promise.resolve();
    await choose(input, "16.png");
    expect(heard).toEqual([]);
    deliver(latest(page));
    expect(heard).toEqual(chosenEvents("protected 16.png"));
  });

  it("is left alone where the site is off", async () => {
    const page = await detached();
    page.gate.set(false);
    page.inputs.watch(page.input);
    expect(page.input.parentNode).toBeNull();
    await choose(page.input, "16.png");
    expect(page.choices).toEqual([]);
  });

  it("stands alone again when the site is switched off after the click", async () => {
    const page = await detached();
    page.inputs.watch(page.input);
    page.gate.set(false);
    await choose(page.input, "16.png");
    expect(page.input.parentNode).toBeNull();
    expect(filesIn(page.input)).toEqual(["original 16.png"]);
  });
});
