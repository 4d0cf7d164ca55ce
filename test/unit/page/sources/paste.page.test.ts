import { beforeEach, describe, expect, it } from "vitest";
import { createTestContext, latest, listen, type TestContext } from "../support/context.ts";
import { openPage, type TestPage } from "../support/page.ts";
import { click, paste } from "../support/person.ts";

const EDITOR = "<div id=editor contenteditable style='height: 100px'></div>";

type Watched = TestPage & TestContext;

/** A page whose pastes are watched, with the focus in an element. */
async function watchedPage(body = EDITOR, on = true): Promise<Watched & { readonly editor: HTMLElement }> {
  const page = openPage(body);
  const context = await createTestContext(page, on);
  const { watchPastes } = await page.load<typeof import("../../../../src/page/sources/paste.ts")>(
    "/src/page/sources/paste.ts",
  );
  watchPastes(context.context);
  const editor = page.document.querySelector("#editor") as HTMLElement;
  if (editor) await click(editor);
  return { ...page, ...context, editor };
}

const protectedPicture = () => [new File(["protected"], "image.png", { type: "image/protected" })];

beforeEach(() => window.focus());

describe("a paste with a picture", () => {
  it("is not heard by the page before it is delivered, and then at the same element", async () => {
    const page = await watchedPage();
    const heard = listen(page.editor, ["paste"]);
    await paste({});
    expect(heard).toEqual([]);
    expect(latest(page).files.map(({ type }) => type)).toEqual(["image/png"]);
    latest(page).deliver(protectedPicture());
    expect(heard).toEqual([{ type: "paste", trusted: false, files: ["protected image.png"] }]);
  });

  it("keeps the text beside it", async () => {
    const page = await watchedPage();
    const texts: (string | undefined)[] = [];
    page.editor.addEventListener("paste", (event) => {
      event.preventDefault();
      texts.push(event.clipboardData?.getData("text/plain"));
    });
    await paste({ text: "a caption" });
    expect(latest(page).deliver(protectedPicture())).toBe(true);
    expect(texts).toEqual(["a caption"]);
    expect(page.editor.textContent).toBe("");
  });

  it("that the page leaves to the browser puts its text into the editor", async () => {
    const page = await watchedPage();
    await paste({ text: "a caption" });
    expect(latest(page).deliver(protectedPicture())).toBe(true);
    expect(page.editor.textContent).toBe("a caption");
    expect(page.editor.querySelector("img")).toBeNull();
  });

  it("that the page leaves to the browser puts the picture into the editor, if there is no text", async () => {
    const page = await watchedPage();
    await paste({});
    expect(latest(page).deliver(protectedPicture())).toBe(true);
    expect(page.editor.querySelector("img")?.src).toMatch(/^blob:/);
  });

  it("is not taken where nothing can be edited", async () => {
    const page = await watchedPage("<p id=editor tabindex=0>Words</p>");
    await paste({});
    expect(latest(page).deliver(protectedPicture())).toBe(false);
  });

  it("in a closed shadow root goes to what has the focus in it", async () => {
    const page = await watchedPage("<div id=host></div>");
    const root = page.attachClosed(page.find("#host"));
    root.innerHTML = EDITOR;
    const editor = root.querySelector("#editor") as HTMLElement;
    await click(editor);
    const heard = listen(editor, ["paste"]);
    await paste({});
    latest(page).deliver(protectedPicture());
    expect(heard).toHaveLength(1);
  });

  it("can be cancelled, of which the page hears nothing", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, ["paste"]);
    await paste({});
    latest(page).cancel();
    expect(heard).toEqual([]);
  });
});

describe("a paste that passes as the person's own", () => {
  it("carries a text only", async () => {
    const page = await watchedPage();
    const heard = listen(page.window, ["paste"]);
    await paste({ text: "words", picture: false });
    expect(heard.map(({ trusted }) => trusted)).toEqual([true]);
    expect(page.choices).toEqual([]);
    expect(page.editor.textContent).toBe("words");
  });

  it("is on a site that is switched off", async () => {
    const page = await watchedPage(EDITOR, false);
    const heard = listen(page.window, ["paste"]);
    await paste({});
    expect(heard).toEqual([{ type: "paste", trusted: true, files: ["original image.png"] }]);
  });
});
