import { describe, expect, it } from "vitest";
import type { Forms } from "../../../src/page/forms.ts";
import { openPage, type TestPage } from "./support/page.ts";
import { click } from "./support/person.ts";

interface Held extends TestPage {
  readonly forms: Forms;
  /** The inputs whose choice is held. */
  readonly held: Set<HTMLInputElement>;
  readonly form: HTMLFormElement;
  readonly input: HTMLInputElement;
  /** Submissions that reached the page: the button, or how else. */
  readonly submitted: (string | null)[];
  /** Delivers or cancels the choice of an input. */
  settle(delivered?: boolean, input?: HTMLInputElement): void;
}

const FORM =
  "<form><input name=title><input type=file id=photo><button id=send>Send</button>" +
  "<button id=draft>Save draft</button></form>";

/** A page with a form whose file input is held. Nothing is sent: the page listens and prevents it. */
async function heldForm(body = FORM): Promise<Held> {
  const page = openPage(body);
  const { holdForms } = await page.load<typeof import("../../../src/page/forms.ts")>("/src/page/forms.ts");
  const held = new Set<HTMLInputElement>();
  const forms = holdForms((form) => [...held].filter((input) => !form || input.form === form));
  const form = page.find<HTMLFormElement>("form");
  const input = page.find<HTMLInputElement>("#photo");
  held.add(input);
  const submitted: (string | null)[] = [];
  page.window.addEventListener("submit", (event) => {
    event.preventDefault();
    submitted.push(event.submitter?.id ?? null);
  });
  page.window.HTMLFormElement.prototype.submit = () => void submitted.push("submit()");
  return {
    ...page,
    ...{ forms, held, form, input, submitted },
    settle(delivered = true, settled = input) {
      held.delete(settled);
      forms.settled(settled, delivered);
    },
  };
}

describe("a form whose input is held", () => {
  it("is submitted by the person's button once the input has its files", async () => {
    const page = await heldForm();
    await click(page.find("#draft"));
    expect(page.submitted).toEqual([]);
    page.settle();
    expect(page.submitted).toEqual(["draft"]);
  });

  it("is not submitted by itself", async () => {
    const page = await heldForm();
    page.settle();
    expect(page.submitted).toEqual([]);
  });

  it("is submitted once, by the button that was pressed last", async () => {
    const page = await heldForm();
    await click(page.find("#draft"));
    await click(page.find("#send"));
    page.settle();
    expect(page.submitted).toEqual(["send"]);
  });

  it("waits with requestSubmit() of a script, too", async () => {
    const page = await heldForm();
    page.form.requestSubmit();
    expect(page.submitted).toEqual([]);
    page.settle();
    expect(page.submitted).toEqual([null]);
  });

  it("is not heard of by a listener of the page at the form", async () => {
    const page = await heldForm();
    let heard = 0;
    page.form.addEventListener("submit", () => heard++, true);
    page.form.requestSubmit();
    expect(heard).toBe(0);
    page.settle();
    expect(heard).toBe(1);
  });

  it("is not submitted when the choice is cancelled, nor later", async () => {
    const page = await heldForm();
    await click(page.find("#send"));
    page.settle(false);
    page.held.add(page.input);
    page.settle();
    expect(page.submitted).toEqual([]);
  });

  it("waits for the last of its inputs", async () => {
    const page = await heldForm(FORM.replace("<button", "<input type=file id=other><button"));
    const other = page.find<HTMLInputElement>("#other");
    page.held.add(other);
    await click(page.find("#send"));
    page.settle();
    expect(page.submitted).toEqual([]);
    page.settle(true, other);
    expect(page.submitted).toEqual(["send"]);
  });

  it("is submitted without the button, if the button has gone to another form", async () => {
    const page = await heldForm();
    const button = page.find("#send");
    await click(button);
    page.document.body.append(button);
    page.settle();
    expect(page.submitted).toEqual([null]);
  });

  it.each(["requestSubmit", "submit"])("is submitted, even if a field is called %s", async (name) => {
    const page = await heldForm(FORM.replace("title", name));
    await click(page.find("#send"));
    page.settle();
    expect(page.submitted).toEqual(["send"]);
  });
});

describe("submit() of a script", () => {
  it("waits, and is repeated without an event", async () => {
    const page = await heldForm();
    expect(page.forms.holdsSubmit(page.form)).toBe(true);
    page.settle();
    expect(page.submitted).toEqual(["submit()"]);
  });

  it("waits for the last of the form's inputs", async () => {
    const page = await heldForm(FORM.replace("<button", "<input type=file id=other><button"));
    const other = page.find<HTMLInputElement>("#other");
    page.held.add(other);
    page.forms.holdsSubmit(page.form);
    page.settle();
    expect(page.submitted).toEqual([]);
    page.settle(true, other);
    expect(page.submitted).toEqual(["submit()"]);
  });

  it("is held for a form in a closed shadow root, of which only the host is known", async () => {
    const page = await heldForm(`<div id=host></div>${FORM}`);
    const host = page.find("#host");
    host.attachShadow({ mode: "closed" }).append(page.form);
    expect(page.forms.holdsSubmit(host)).toBe(true);
    page.settle();
    expect(page.submitted).toEqual(["submit()"]);
  });

  it("of another form is left alone", async () => {
    const page = await heldForm(`${FORM}<form id=other></form>`);
    expect(page.forms.holdsSubmit(page.find("#other"))).toBe(false);
    expect(page.forms.holdsSubmit(null)).toBe(false);
  });

  it("is left alone when no choice is held", async () => {
    const page = await heldForm();
    page.held.clear();
    expect(page.forms.holdsSubmit(page.form)).toBe(false);
  });
});

describe("other forms", () => {
  it("are submitted at once", async () => {
    const page = await heldForm(`${FORM}<form><button id=other>Send</button></form>`);
    await click(page.find("#other"));
    expect(page.submitted).toEqual(["other"]);
  });

  it("are submitted at once when no choice is held", async () => {
    const page = await heldForm();
    page.held.clear();
    await click(page.find("#send"));
    expect(page.submitted).toEqual(["send"]);
  });
});

describe("a required input that is held", () => {
  const REQUIRED = FORM.replace("type=file", "type=file required");

  it("does not stop the person's submission, which waits", async () => {
    const page = await heldForm(REQUIRED);
    const invalid: Event[] = [];
    page.input.addEventListener("invalid", (event) => invalid.push(event));
    await click(page.find("#send"));
    expect(invalid).toEqual([]);
    page.input.required = false;
    page.settle();
    expect(page.submitted).toEqual(["send"]);
  });

  it("is not submitted because the page checks it", async () => {
    const page = await heldForm(REQUIRED);
    page.form.checkValidity();
    page.input.required = false;
    page.settle();
    expect(page.submitted).toEqual([]);
  });

  it("does not hide that another field is missing", async () => {
    const page = await heldForm(FORM.replace("name=title", "name=title required"));
    const invalid: EventTarget[] = [];
    page.window.addEventListener("invalid", ({ target }) => target && invalid.push(target), true);
    await click(page.find("#send"));
    expect(invalid).toEqual([page.find("[name=title]")]);
    page.settle();
    expect(page.submitted).toEqual([]);
  });
});

describe("a form in a shadow root", () => {
  it("waits when its root is listened at", async () => {
    const page = await heldForm(`<div id=host></div>${FORM}`);
    const root = page.find("#host").attachShadow({ mode: "closed" });
    root.append(page.form);
    root.addEventListener("submit", (event) => {
      event.preventDefault();
      page.submitted.push((event as SubmitEvent).submitter?.id ?? null);
    });
    page.forms.listenAt(root);
    page.form.requestSubmit(root.querySelector("#draft") as HTMLElement);
    expect(page.submitted).toEqual([]);
    page.settle();
    expect(page.submitted).toEqual(["draft"]);
  });
});
