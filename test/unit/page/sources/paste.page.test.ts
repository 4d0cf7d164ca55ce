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
    await latest(page).deliver(protectedPicture());
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
    expect(await latest(page).deliver(protectedPicture())).toBe(true);
    expect(texts).toEqual(["a caption"]);
    expect(page.editor.textContent).toBe("");
  });

  it("that the page leaves to the browser puts the picture into an editor, which is asked first", async () => {
    const page = await watchedPage();
    const events: unknown[] = [];
    for (const type of ["beforeinput", "input"] as const)
      page.window.addEventListener(type, ({ inputType, isTrusted, dataTransfer }) =>
        events.push([type, inputType, isTrusted, dataTransfer?.files.length]),
      );
    await paste({ text: "a caption" });
    await latest(page).deliver(protectedPicture());
    expect(page.find<HTMLImageElement>("#editor img").src).toBe(
      `data:image/protected;base64,${btoa("protected")}`,
    );
    expect(page.editor.textContent).toBe("");
    expect(events).toEqual([
      ["beforeinput", "insertFromPaste", false, 1],
      ["input", "insertFromPaste", false, 1],
    ]);
  });

  it("is not put into an editor that takes it at `beforeinput`", async () => {
    const page = await watchedPage();
    page.editor.addEventListener("beforeinput", (event) => event.preventDefault());
    await paste({});
    await latest(page).deliver(protectedPicture());
    expect(page.editor.innerHTML).toBe("");
  });

  it("goes to where the person pasted it, and leaves alone what they do since", async () => {
    const page = await watchedPage(`${EDITOR}<textarea id=other></textarea>`);
    await paste({});
    const other = page.find<HTMLTextAreaElement>("#other");
    other.focus();
    other.value = "typed since";
    other.select();
    const heard = listen(page.window, ["focus", "blur", "focusin", "focusout"]);
    await latest(page).deliver(protectedPicture());
    expect(page.editor.querySelectorAll("img")).toHaveLength(1);
    expect(other.value).toBe("typed since");
    expect([page.document.activeElement, other.selectionEnd]).toEqual([other, other.value.length]);
    expect(heard).toEqual([]);
  });

  it("puts its words into a field of text, wherever the focus is by then", async () => {
    const page = await watchedPage("<input id=editor value=ab><input id=other value=c>");
    (page.editor as HTMLInputElement).setSelectionRange(1, 1);
    await paste({ text: "words" });
    page.find("#other").focus();
    await latest(page).deliver(protectedPicture());
    expect((page.editor as HTMLInputElement).value).toBe("awordsb");
    expect(page.find<HTMLInputElement>("#other").value).toBe("c");
  });

  it("of a table, as spreadsheets copy it, is a table at once, without its picture", async () => {
    const page = await watchedPage();
    const files: number[] = [];
    page.editor.addEventListener("paste", ({ clipboardData }) =>
      files.push(clipboardData?.files.length ?? -1),
    );
    await paste({ text: "A\t1", html: "<table><tr><td><b>A</b><td onclick='x()'>1</table>" });
    await expect.poll(() => page.editor.querySelectorAll("td").length).toBe(2);
    expect(page.editor.innerHTML).not.toContain("onclick");
    expect(files).toEqual([0]);
    expect(page.choices).toEqual([]);
  });

  it("of a table is held where nothing can be edited: the page may want its picture", async () => {
    const page = await watchedPage("<p id=editor tabindex=0>Words</p>");
    await paste({ html: "<table><tr><td>A</table>" });
    expect(latest(page).files).toHaveLength(1);
  });

  it("names the effects that a paste has", async () => {
    const page = await watchedPage();
    await paste({});
    await latest(page).deliver(protectedPicture());
    expect(page.toldEffects).toEqual([["uninitialized", "none"]]);
  });

  it("in a closed shadow root goes to what has the focus in it", async () => {
    const page = await watchedPage("<div id=host></div>");
    const root = page.attachClosed(page.find("#host"));
    root.innerHTML = EDITOR;
    const editor = root.querySelector("#editor") as HTMLElement;
    await click(editor);
    const heard = listen(editor, ["paste"]);
    await paste({});
    await latest(page).deliver(protectedPicture());
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

describe("a paste of HTML with a picture in it", () => {
  const html = `<p>words</p><img src="data:image/png;base64,${btoa("original")}">`;

  it("is held, and comes with another picture in its place", async () => {
    const page = await watchedPage();
    const heard: (string | undefined)[] = [];
    page.editor.addEventListener("paste", ({ clipboardData }) =>
      heard.push(clipboardData?.getData("text/html")),
    );
    await paste({ picture: false, html });
    expect(heard).toEqual([]);
    expect(latest(page).files.map(({ name, type }) => [name, type])).toEqual([["picture.png", "image/png"]]);
    await latest(page).deliver(protectedPicture());
    expect(heard[0]).toContain(`data:image/protected;base64,${btoa("protected")}`);
    expect(heard[0]).not.toContain(btoa("original"));
    expect(page.editor.textContent).toBe("words");
    expect(page.find<HTMLImageElement>("#editor img").src).toContain(btoa("protected"));
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
