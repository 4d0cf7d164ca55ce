import { describe, expect, it } from "vitest";
import {
  createTestContext,
  deliver,
  describeFile,
  latest,
  listen,
  madeFile,
  type TestContext,
} from "../support/context.ts";
import { openPage, type TestPage } from "../support/page.ts";
import { drop } from "../support/person.ts";

interface Watched extends TestPage, TestContext {
  readonly zone: HTMLElement;
  /** Inputs that wait for a drop. */
  readonly held: HTMLInputElement[];
  /** What they were given at last, with the paths. */
  readonly settled: (readonly string[] | undefined)[];
}

const ZONE = "<div id=zone style='height: 200px'></div>";

/** A page that takes drops anywhere, whose drops are watched. */
async function watchedPage(body = ZONE, on = true): Promise<Watched> {
  const page = openPage(body);
  const context = await createTestContext(page, on);
  const { watchDrops } =
    await page.load<typeof import("../../../../src/page/sources/drop.ts")>("/src/page/sources/drop.ts");
  const held: HTMLInputElement[] = [];
  const settled: Watched["settled"] = [];
  watchDrops(context.context, (input) => {
    held.push(input);
    return {
      signal: new AbortController().signal,
      settle: (files) => settled.push(files?.map(([file, path]) => `${describeFile(file)} at ${path}`)),
    };
  });
  page.document.addEventListener("dragover", (event) => event.preventDefault());
  return { ...page, ...context, held, settled, zone: page.document.querySelector("#zone") as HTMLElement };
}

describe("a drop with a picture", () => {
  it("is not heard by the page before it is delivered", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, ["drop"]);
    await drop(page.zone, { names: ["16.png"] });
    expect(heard).toEqual([]);
    await deliver(latest(page));
    expect(heard).toEqual([{ type: "drop", trusted: false, files: ["protected 16.png"] }]);
  });

  it("is held with all of its files in order, and delivered so", async () => {
    const page = await watchedPage();
    const heard = listen(page.zone, ["drop"]);
    await drop(page.zone, { names: ["32.png", "README.md", "16.png"] });
    expect(latest(page).files.map(({ name }) => name)).toEqual(["32.png", "README.md", "16.png"]);
    await deliver(latest(page));
    expect(heard[0]?.files).toEqual(["protected 32.png", "original README.md", "protected 16.png"]);
  });

  it("comes back at the same element and position, with the same keys and text", async () => {
    const page = await watchedPage();
    const events: DragEvent[] = [];
    const texts: (string | undefined)[] = [];
    page.zone.addEventListener("drop", (event) => {
      events.push(event);
      texts.push(event.dataTransfer?.getData("text/plain"));
    });
    await drop(page.zone, { names: ["16.png"], text: "a caption", modifiers: 8 });
    await deliver(latest(page));
    const [event] = events;
    const { x, y, width, height } = page.zone.getBoundingClientRect();
    expect([event?.clientX, event?.clientY]).toEqual([x + width / 2, y + height / 2]);
    expect([event?.shiftKey, event?.ctrlKey, event?.cancelable, event?.bubbles]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(texts).toEqual(["a caption"]);
  });

  it("tells whether the page took it", async () => {
    const page = await watchedPage();
    await drop(page.zone, { names: ["16.png"] });
    expect(await deliver(latest(page))).toBe(false);
    page.zone.addEventListener("drop", (event) => event.preventDefault());
    await drop(page.zone, { names: ["16.png"] });
    expect(await deliver(latest(page))).toBe(true);
  });

  it("goes to the nearest element that is left, if the page has replaced its target", async () => {
    const page = await watchedPage(`<main>${ZONE}</main>`);
    const heard = listen(page.find("main"), ["drop"], false);
    await drop(page.zone, { names: ["16.png"] });
    page.zone.remove();
    await deliver(latest(page));
    expect(heard).toHaveLength(1);
  });

  it("can be cancelled: the page hears that nothing is over it any more", async () => {
    const page = await watchedPage();
    const heard = listen(page.zone, ["drop", "dragleave"]);
    await drop(page.zone, { names: ["16.png"] });
    latest(page).cancel();
    expect(heard.map(({ type }) => type)).toEqual(["dragleave"]);
  });

  it("is not delivered to a page that was left", async () => {
    const page = await watchedPage();
    const heard = listen(page.zone, ["drop"]);
    await drop(page.zone, { names: ["16.png"] });
    page.window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: false }));
    expect(latest(page).signal.aborted).toBe(true);
    await deliver(latest(page));
    expect(heard).toEqual([]);
  });

  it("in a closed shadow root goes to the element in it", async () => {
    const page = await watchedPage("<div id=host></div>");
    const root = page.attachClosed(page.find("#host"));
    root.innerHTML = ZONE;
    const zone = root.querySelector("#zone") as HTMLElement;
    const heard = listen(zone, ["drop"]);
    await drop(zone, { names: ["16.png"] });
    await deliver(latest(page));
    expect(heard.map(({ files }) => files)).toEqual([["protected 16.png"]]);
  });

  it("announces the path of each file", async () => {
    const page = await watchedPage();
    await drop(page.zone, { names: ["16.png", "README.md"] });
    await deliver(latest(page));
    expect(page.toldPaths).toEqual([["protected 16.png at /16.png", "original README.md at /README.md"]]);
  });
});

describe("the drop of a folder", () => {
  it("is held with all files in it, and announces their paths and the folder's", async () => {
    const page = await watchedPage();
    await drop(page.zone, { names: ["icons", "README.md"] });
    await expect.poll(() => page.choices).toHaveLength(1);
    const heard = listen(page.zone, ["drop"]);
    await deliver(latest(page));
    expect(latest(page).files.map(({ name }) => name)).toContain("16.png");
    // As in the browser's own, an empty file stands for the folder.
    expect(heard[0]?.files).toEqual(["original icons", "original README.md"]);
    expect(page.toldPaths[0]).toEqual(
      expect.arrayContaining([
        "original icons at /icons/",
        "protected 16.png at /icons/16.png",
        "original README.md at /README.md",
      ]),
    );
  });
});

describe("a drop on a file input", () => {
  it.each([
    ["is a choice in it", "multiple", ["16.png", "32.png"], ["protected 16.png at ", "protected 32.png at "]],
    ["is a choice of its first file, if it takes one", "", ["16.png", "32.png"], ["protected 16.png at "]],
    ["is none of the files of a folder", "multiple", ["icons", "16.png"], ["protected 16.png at "]],
  ] as const)("%s", async (_, attributes, names, files) => {
    const page = await watchedPage(`<input type=file ${attributes} id=zone>`);
    await drop(page.zone, { names });
    await expect.poll(() => page.choices.length).toBe(1);
    expect(page.held).toEqual([page.zone]);
    expect(page.settled).toEqual([]);
    expect(await deliver(latest(page))).toBe(true);
    expect(page.settled).toEqual([files]);
  });

  it("that takes folders is a choice of all files with their paths", async () => {
    const page = await watchedPage("<input type=file webkitdirectory id=zone>");
    await drop(page.zone, { names: ["icons"] });
    await expect.poll(() => page.choices.length).toBe(1);
    await deliver(latest(page));
    expect(page.settled[0]).toContain("protected 16.png at icons/16.png");
  });

  it("ends the wait of the input when the person cancels it", async () => {
    const page = await watchedPage("<input type=file id=zone>");
    await drop(page.zone, { names: ["16.png"] });
    latest(page).cancel();
    expect(page.settled).toEqual([undefined]);
  });

  it("does not fill it if the page takes the drop itself", async () => {
    const page = await watchedPage("<input type=file id=zone>");
    page.zone.addEventListener("drop", (event) => event.preventDefault());
    await drop(page.zone, { names: ["16.png"] });
    expect(await deliver(latest(page))).toBe(true);
    expect(page.settled).toEqual([[]]);
  });
});

describe("a drop that passes as the person's own", () => {
  it("carries no picture", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, ["drop"]);
    page.zone.addEventListener("drop", (event) => event.preventDefault());
    await drop(page.zone, { names: ["README.md"], text: "words" });
    expect(heard).toEqual([{ type: "drop", trusted: true, files: ["original README.md"] }]);
    expect(page.choices).toEqual([]);
  });

  it("carries a text only", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, ["drop"]);
    await drop(page.zone, { names: [], text: "words" });
    expect(heard.map(({ trusted }) => trusted)).toEqual([true]);
  });

  it("is on a site that is switched off", async () => {
    const page = await watchedPage(ZONE, false);
    const heard = listen(page.window, ["drop"]);
    page.zone.addEventListener("drop", (event) => event.preventDefault());
    await drop(page.zone, { names: ["16.png"] });
    expect(heard.map(({ files }) => files)).toEqual([["original 16.png"]]);
  });
});

describe("a drop that a script of the page makes", () => {
  it("passes: it carries nothing that the page does not have", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, ["drop"]);
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(madeFile());
    page.zone.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer }));
    expect(heard.map(({ files }) => files)).toEqual([["original made.png"]]);
    expect(page.choices).toEqual([]);
  });
});
