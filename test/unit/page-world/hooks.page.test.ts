import { describe, expect, it, vi } from "vitest";
import type { ClipboardAnswer, Failure, HandleAnswer } from "../../../src/bridge/page-channel.ts";
import type { PageWorldChannel } from "../../../src/page/page-world-channel.ts";
import { openPage, type PageWindow, type TestPage } from "../page/support/page.ts";

/** What is hooked: the owner's name in a window, the property, and the kind of property. */
const HOOKED = [
  ["HTMLElement", "click", "value"],
  ["HTMLInputElement", "showPicker", "value"],
  ["EventTarget", "dispatchEvent", "value"],
  ["HTMLFormElement", "submit", "value"],
  ["Document", "open", "value"],
  ["Document", "write", "value"],
  ["Document", "writeln", "value"],
  ["FileSystemFileHandle", "getFile", "value"],
  ["Clipboard", "read", "value"],
  ["DataTransfer", "effectAllowed", "get"],
  ["DataTransfer", "dropEffect", "get"],
  ["HTMLIFrameElement", "contentWindow", "get"],
  ["HTMLIFrameElement", "contentDocument", "get"],
  ["HTMLFrameElement", "contentWindow", "get"],
  ["HTMLFrameElement", "contentDocument", "get"],
  ["HTMLObjectElement", "contentWindow", "get"],
  ["HTMLObjectElement", "contentDocument", "get"],
  ["DataTransferItem", "webkitGetAsEntry", "value"],
  ["File", "webkitRelativePath", "get"],
  ["Function", "toString", "value"],
] as const;

interface Hooked extends TestPage {
  readonly channel: PageWorldChannel;
  /** Nodes that were reported as perhaps about to open a dialog. */
  readonly watched: Node[];
  /** Windows that the page has got hold of. */
  readonly reached: Window[];
  readonly opened: () => number;
  readonly answers: {
    holdsSubmit: boolean;
    readsHandle: (port: MessagePort) => boolean;
    readsClipboard: (port: MessagePort) => boolean;
  };
}

/**
 * A page with the hooks, and the other end of their channel.
 *
 * @param first which of the two worlds starts first
 */
async function hookedPage(body = "", first: "page world" | "isolated world" = "page world"): Promise<Hooked> {
  const page = openPage(body);
  const [{ hookPage }, { createPageWorldChannel }] = await Promise.all([
    page.load<typeof import("../../../src/page-world/hooks.ts")>("/src/page-world/hooks.ts"),
    page.load<typeof import("../../../src/page/page-world-channel.ts")>("/src/page/page-world-channel.ts"),
  ]);
  const channel = createPageWorldChannel();
  const watched: Node[] = [];
  let opened = 0;
  const reached: Window[] = [];
  const answers: Hooked["answers"] = {
    ...{ holdsSubmit: false, readsHandle: () => false, readsClipboard: () => false },
  };
  const answer = () =>
    channel.answer({
      watch: (node) => void watched.push(node),
      holdsSubmit: () => answers.holdsSubmit,
      readsHandle: (port) => answers.readsHandle(port),
      readsClipboard: (port) => answers.readsClipboard(port),
      ...{ opened: () => void opened++, reached: (window) => void reached.push(window) },
    });
  if (first === "page world") hookPage();
  answer();
  if (first === "isolated world") hookPage();
  return { ...page, ...{ channel, watched, reached, answers }, opened: () => opened };
}

function descriptorIn(window: PageWindow, owner: string, name: string): PropertyDescriptor {
  const { prototype } = (window as unknown as Record<string, { prototype: object }>)[owner] ?? {};
  const descriptor = prototype && Object.getOwnPropertyDescriptor(prototype, name);
  if (!descriptor) throw new Error(`expected ${owner}.${name}`);
  return descriptor;
}

/** Name and message of what is thrown, and whether its stack names the hooks. */
function thrownBy(work: () => unknown): unknown {
  try {
    return ["returned", String(work())];
  } catch (error) {
    const { name, message, stack } = error as Error;
    return [name, message, /src.page-world/.test(stack ?? "")];
  }
}

function detachedInput({ document }: TestPage): HTMLInputElement {
  const input = document.createElement("input");
  input.type = "file";
  // Without a person's click, its dialog does not open.
  return input;
}

const click = () => new MouseEvent("click", { bubbles: true, cancelable: true });

describe.skipIf(!("stackTraceLimit" in Error))("what a page sets to prepare stack traces", () => {
  it("gets the call sites of the page, and is called as by the browser", async () => {
    const { window } = await hookedPage();
    const errors = window.Error as unknown as { prepareStackTrace: unknown };
    const sites = (_: Error, sites: readonly { getFunctionName(): string | null }[]) =>
      sites.map((site) => site.getFunctionName());
    errors.prepareStackTrace = sites;
    const stack = window.eval("(function named() { return new Error().stack })()") as unknown;
    expect(stack).toContain("named");
  });

  it("is what it was when a page puts it back", async () => {
    const { window } = await hookedPage();
    const errors = window.Error as unknown as { prepareStackTrace: unknown };
    expect(errors.prepareStackTrace).toBeUndefined();
    errors.prepareStackTrace = () => "mine";
    const before = errors.prepareStackTrace;
    errors.prepareStackTrace = undefined;
    expect(new window.Error("text").stack).toContain("text");
    errors.prepareStackTrace = before;
    expect(errors.prepareStackTrace).toBe(before);
    expect(new window.Error().stack).toBe("mine");
  });
});

describe("a hooked method", () => {
  it.each(HOOKED)("%s.%s looks like the browser's own", async (owner, name, part) => {
    const page = await hookedPage();
    const plain = openPage();
    const portrait = (window: PageWindow) => {
      const descriptor = descriptorIn(window, owner, name);
      const method = descriptor[part];
      return {
        flags: [descriptor.writable, descriptor.enumerable, descriptor.configurable, `${descriptor.set}`],
        own: Reflect.ownKeys(method),
        name: method.name,
        length: method.length,
        text: `${method}`,
        text2: window.Function.prototype.toString.call(method),
        // The window's own toString is not fooled by one of another window.
        made: thrownBy(() => new method()),
        prototype: Object.getPrototypeOf(method) === window.Function.prototype,
      };
    };
    expect(portrait(page.window)).toEqual(portrait(plain.window));
    expect(portrait(page.window).text).toContain("[native code]");
    expect(descriptorIn(page.window, owner, name)[part]).not.toBe(
      descriptorIn(plain.window, owner, name)[part],
    );
  });

  it.each(HOOKED)(
    "%s.%s throws the browser's own errors, without us in their stack",
    async (owner, name, part) => {
      const page = await hookedPage();
      const plain = openPage();
      const errors = (window: PageWindow) => {
        const method = descriptorIn(window, owner, name)[part];
        return [{}, null, 1].map((self) => thrownBy(() => method.call(self)));
      };
      expect(errors(page.window)).toEqual(errors(plain.window));
    },
  );

  it("does nothing but what the browser does, if nobody answers", async () => {
    const page = openPage("<form></form>");
    const { hookPage } =
      await page.load<typeof import("../../../src/page-world/hooks.ts")>("/src/page-world/hooks.ts");
    hookPage();
    const input = detachedInput(page);
    const clicked = vi.fn();
    input.addEventListener("click", clicked);
    input.click();
    expect(clicked).toHaveBeenCalledOnce();
  });
});

describe.each(["page world", "isolated world"] as const)("the channel, if the %s starts first", (first) => {
  it("is there before the page's first script", async () => {
    const page = await hookedPage("", first);
    const input = detachedInput(page);
    input.click();
    expect(page.watched).toEqual([input]);
  });

  it("cannot be asked for by the page later", async () => {
    const page = await hookedPage("", first);
    const offered = vi.fn();
    page.window.addEventListener("beforetoggleend", offered);
    page.window.dispatchEvent(new Event("beforetogglestart"));
    expect(offered).not.toHaveBeenCalled();
  });
});

describe("an input outside of the document", () => {
  it.each([
    ["click()", (input: HTMLInputElement) => input.click()],
    ["a dispatched click", (input: HTMLInputElement) => input.dispatchEvent(click())],
    [
      "a dispatched click that does not bubble",
      (input: HTMLInputElement) => input.dispatchEvent(new Event("click")),
    ],
  ])("is reported before %s", async (_, open) => {
    const page = await hookedPage();
    const input = detachedInput(page);
    const reported: number[] = [];
    input.addEventListener("click", () => reported.push(page.watched.length));
    open(input);
    expect(page.watched).toEqual([input]);
    expect(reported).toEqual([1]);
  });

  it("is reported before showPicker()", async () => {
    const page = await hookedPage();
    const input = detachedInput(page);
    expect(thrownBy(() => input.showPicker())).toContain("NotAllowedError");
    expect(page.watched).toEqual([input]);
  });

  it("is found through a label outside of the document", async () => {
    const page = await hookedPage();
    const label = page.document.createElement("label");
    label.click();
    expect(page.watched).toEqual([label]);
  });

  it("is reported by the method of another window, too", async () => {
    const page = await hookedPage();
    const input = detachedInput(page);
    const method = descriptorIn(page.window, "HTMLElement", "click").value;
    method.call(detachedInput(openPage()));
    method.call(input);
    expect(page.watched).toHaveLength(2);
  });
});

describe("a script's click", () => {
  it("is reported in the document too, where window may not hear it", async () => {
    const page = await hookedPage("<button>Press</button>");
    const button = page.find("button");
    button.click();
    button.dispatchEvent(new MouseEvent("click"));
    expect(page.watched).toEqual([button, button]);
  });
});

describe("what cannot open the dialog of a file input is not reported:", () => {
  it("events of other types and at other targets, and pickers of other inputs", async () => {
    const page = await hookedPage();
    const input = detachedInput(page);
    input.dispatchEvent(new Event("change"));
    new EventTarget().dispatchEvent(click());
    input.type = "date";
    thrownBy(() => input.showPicker());
    expect(page.watched).toEqual([]);
  });

  it("of a node whose frame has been removed are not reported: the browser would crash", async () => {
    const page = await hookedPage();
    const frame = page.document.body.appendChild(page.document.createElement("iframe"));
    const inner = frame.contentDocument as Document;
    const root = inner.body.appendChild(inner.createElement("div")).attachShadow({ mode: "open" });
    const form = root.appendChild(inner.createElement("form"));
    const input = form.appendChild(Object.assign(inner.createElement("input"), { type: "file" }));
    frame.remove();

    const { HTMLElement, HTMLFormElement, EventTarget } = page.window;
    HTMLElement.prototype.click.call(input);
    HTMLFormElement.prototype.submit.call(form);
    EventTarget.prototype.dispatchEvent.call(input, new page.window.Event("click"));

    expect(page.watched).toEqual([]);
  });
});

describe("showPicker() in the document", () => {
  it("is reported, since it opens the dialog without a click", async () => {
    const page = await hookedPage("<input type=file>");
    const input = page.find<HTMLInputElement>("input");
    thrownBy(() => input.showPicker());
    expect(page.watched).toEqual([input]);
  });
});

describe("submit()", () => {
  it.each([
    ["runs", false],
    ["is held and returns nothing", true],
  ])("%s, as the isolated world decides", async (_, holdsSubmit) => {
    const page = openPage("<form target=sink><input name=a></form><iframe name=sink></iframe>");
    const submitted = vi.fn();
    // What is hooked is this, so that it stands for the browser's own.
    page.window.HTMLFormElement.prototype.submit = submitted;
    const { hookPage } =
      await page.load<typeof import("../../../src/page-world/hooks.ts")>("/src/page-world/hooks.ts");
    const { createPageWorldChannel } = await page.load<
      typeof import("../../../src/page/page-world-channel.ts")
    >("/src/page/page-world-channel.ts");
    const forms: unknown[] = [];
    createPageWorldChannel().answer({
      watch() {},
      ...{ opened() {}, reached() {} },
      ...{ readsHandle: () => false, readsClipboard: () => false },
      holdsSubmit: (form) => {
        forms.push(form);
        return holdsSubmit;
      },
    });
    hookPage();
    const form = page.find<HTMLFormElement>("form");
    expect(form.submit()).toBeUndefined();
    expect(forms).toEqual([form]);
    expect(submitted).toHaveBeenCalledTimes(holdsSubmit ? 0 : 1);
  });
});

describe("a document that is opened anew", () => {
  it.each([
    ["open()", ({ document }: Hooked) => document.open()],
    ["write()", ({ document }: Hooked) => document.write("<p>new</p>")],
    ["writeln()", ({ document }: Hooked) => document.writeln("<p>new</p>")],
  ])("by %s is reported once its listeners are gone", async (_, open) => {
    const page = await hookedPage();
    open(page);
    expect(page.opened()).toBeGreaterThan(0);
    page.document.close();
  });

  it.each(["write", "writeln"] as const)(
    "is left as it is where the page's policy refuses %s()",
    async (name) => {
      const page = await hookedPage("<p>still here</p>");
      const policy = page.document.createElement("meta");
      policy.httpEquiv = "Content-Security-Policy";
      policy.content = "require-trusted-types-for 'script'";
      page.document.head.append(policy);
      expect(() => page.document[name]("<p>new</p>")).toThrow("TrustedHTML");
      expect(page.document.body.textContent).toBe("still here");
      const { trustedTypes } = page.window as unknown as {
        trustedTypes: { createPolicy(name: string, rules: object): { createHTML(text: string): string } };
      };
      const trusted = trustedTypes.createPolicy("test", { createHTML: (text: string) => text });
      page.document[name](trusted.createHTML("<p>new</p>"));
      expect(page.opened()).toBeGreaterThan(0);
      page.document.close();
      expect(page.document.body.textContent?.trim()).toBe("new");
    },
  );

  it("has our listeners again before a script of the page runs in it", async () => {
    const page = openPage();
    const { captureAtWindow, restoreCaptureListeners } = await page.load<
      typeof import("../../../src/page/capture-listeners.ts")
    >("/src/page/capture-listeners.ts");
    const { hookPage } =
      await page.load<typeof import("../../../src/page-world/hooks.ts")>("/src/page-world/hooks.ts");
    const { createPageWorldChannel } = await page.load<
      typeof import("../../../src/page/page-world-channel.ts")
    >("/src/page/page-world-channel.ts");
    const order: string[] = [];
    captureAtWindow("change", () => order.push("ours"));
    createPageWorldChannel().answer({
      ...{ watch() {}, readsHandle: () => false, readsClipboard: () => false, holdsSubmit: () => false },
      ...{ opened: restoreCaptureListeners, reached() {} },
    });
    hookPage();
    Object.assign(page.window, { order });
    page.document.write(
      "<input><script>addEventListener('change', () => order.push('page'), true);" +
        "document.querySelector('input').dispatchEvent(new Event('change', { bubbles: true }))</script>",
    );
    page.document.close();
    expect(order).toEqual(["ours", "page"]);
  });
});

describe("a window that the page gets hold of", () => {
  it.each(["contentWindow", "contentDocument"] as const)(
    "by %s is reported, with the same hooks",
    async (name) => {
      const page = await hookedPage("<iframe></iframe>");
      const frame = page.find<HTMLIFrameElement>("iframe");
      const inner = frame[name] as PageWindow & Document;
      const window = (inner.defaultView ?? inner) as PageWindow;
      expect(page.reached).toEqual([window]);
      const input = window.document.createElement("input");
      input.type = "file";
      input.click();
      expect(page.watched).toEqual([input]);
      const { click } = window.HTMLElement.prototype;
      // Neither window's own toString shows the hook.
      for (const realm of [window, page.window])
        expect(realm.Function.prototype.toString.call(click)).toBe("function click() { [native code] }");
      frame.contentWindow?.document;
      expect(page.reached).toHaveLength(1);
    },
  );

  it("by open() is reported, and returned", async () => {
    const page = await hookedPage("<iframe name=other></iframe>");
    const opened = page.window.open("about:blank", "other");
    expect(opened).toBe(page.window.frames[0]);
    expect(page.reached).toEqual([opened]);
  });

  it("of another origin is left alone", async () => {
    const page = await hookedPage("<iframe sandbox></iframe>");
    expect(page.find<HTMLIFrameElement>("iframe").contentWindow).toBe(page.window.frames[0]);
    expect(page.find<HTMLIFrameElement>("iframe").contentDocument).toBeNull();
    expect(page.reached).toEqual([]);
  });
});

describe("a transfer", () => {
  it("has the effects that were announced", async () => {
    const page = await hookedPage();
    const transfer = new page.window.DataTransfer();
    page.channel.tellEffects(transfer, "copyMove", "move");
    expect([transfer.effectAllowed, transfer.dropEffect]).toEqual(["copyMove", "move"]);
    const other = new page.window.DataTransfer();
    expect([other.effectAllowed, other.dropEffect]).toEqual(["none", "none"]);
  });
});

describe("clipboard.read()", () => {
  const { Clipboard } = window;
  const read = (page: Hooked): Promise<ClipboardItem[]> =>
    descriptorIn(page.window, "Clipboard", "read").value.call(navigator.clipboard);

  function answerWith(page: Hooked, answer: ClipboardAnswer | Failure) {
    page.answers.readsClipboard = (port) => {
      port.onmessage = () => port.postMessage(answer);
      return true;
    };
  }

  it("gives the items that the isolated world answers", async () => {
    expect(Clipboard).toBeDefined();
    const page = await hookedPage();
    const content = new Blob(["protected"], { type: "image/png" });
    answerWith(page, { items: [[["image/png", content]]] });
    const [item] = await read(page);
    expect(item).toBeInstanceOf(page.window.ClipboardItem);
    expect(item?.types).toEqual(["image/png"]);
    expect(await (await item?.getType("image/png"))?.text()).toBe("protected");
  });

  it("rejects with the page's own DOMException", async () => {
    const page = await hookedPage();
    answerWith(page, { name: "NotAllowedError", message: "Read permission denied." });
    const error = await read(page).catch((error) => error);
    expect(error).toBeInstanceOf(page.window.DOMException);
    expect(error.name).toBe("NotAllowedError");
  });
});

describe("getFile()", () => {
  async function ownHandle(name = "own.png"): Promise<FileSystemFileHandle> {
    const folder = await navigator.storage.getDirectory();
    return folder.getFileHandle(name, { create: true });
  }

  /** Calls the page's method for a handle. */
  const getFile = async (page: Hooked): Promise<File> =>
    descriptorIn(page.window, "FileSystemFileHandle", "getFile").value.call(await ownHandle());

  function answerWith(page: Hooked, answer: HandleAnswer | Failure): unknown[] {
    const handles: unknown[] = [];
    page.answers.readsHandle = (port) => {
      port.onmessage = ({ data }) => {
        handles.push(data);
        port.postMessage(answer);
      };
      return true;
    };
    return handles;
  }

  it("gives the file that the isolated world answers", async () => {
    const page = await hookedPage();
    const handles = answerWith(page, { file: new File(["protected"], "own.png") });
    expect(await (await getFile(page)).text()).toBe("protected");
    expect(handles.map((handle) => (handle as FileSystemFileHandle).name)).toEqual(["own.png"]);
  });

  it("rejects with the page's own DOMException", async () => {
    const page = await hookedPage();
    answerWith(page, { name: "AbortError", message: "The user aborted a request." });
    const error = await getFile(page).catch((error) => error);
    expect(error).toBeInstanceOf(page.window.DOMException);
    expect([error.name, error.message]).toEqual(["AbortError", "The user aborted a request."]);
  });

  it("returns a promise of the page's window", async () => {
    const page = await hookedPage();
    answerWith(page, { file: new File([], "own.png") });
    const method = descriptorIn(page.window, "FileSystemFileHandle", "getFile").value;
    expect(method.call(await ownHandle())).toBeInstanceOf(page.window.Promise);
  });

  it("is the browser's own where the isolated world leaves it", async () => {
    const page = await hookedPage();
    expect((await getFile(page)).name).toBe("own.png");
  });
});

describe("protected files", () => {
  function transferOf(page: TestPage, ...files: File[]): DataTransfer {
    const transfer = new page.window.DataTransfer();
    for (const file of files) transfer.items.add(file);
    return transfer;
  }

  const named = (...names: string[]) => names.map((name) => new File(["protected"], name));

  it("of a drop have the entry of their path", async () => {
    const page = await hookedPage();
    const [file] = named("a.png") as [File];
    page.channel.tellPaths([file], ["/a.png"]);
    const entry = transferOf(page, file).items[0]?.webkitGetAsEntry();
    expect([entry?.name, entry?.isFile, entry?.fullPath]).toEqual(["a.png", true, "/a.png"]);
  });

  it("of a dropped folder are found through the folder's entry", async () => {
    const page = await hookedPage();
    const [folder, file] = named("photos", "a.png") as [File, File];
    page.channel.tellPaths([folder, file], ["/photos/", "/photos/a.png"]);
    const entry = transferOf(page, folder).items[0]?.webkitGetAsEntry() as FileSystemDirectoryEntry;
    expect([entry.name, entry.isDirectory]).toEqual(["photos", true]);
    const inside = await new Promise<FileSystemEntry[]>((resolve) =>
      entry.createReader().readEntries(resolve),
    );
    expect(inside.map(({ fullPath }) => fullPath)).toEqual(["/photos/a.png"]);
  });

  it("of a chosen folder have their path in it", async () => {
    const page = await hookedPage();
    const [file] = named("a.png") as [File];
    const get = descriptorIn(page.window, "File", "webkitRelativePath").get as () => string;
    const paths: string[] = [];
    // The page has the file from a transfer, and so as another object than ours.
    const { files } = transferOf(page, file);
    page.channel.tellPaths([files[0] as File], ["photos/a.png"]);
    paths.push(get.call(files[0]));
    expect(paths).toEqual(["photos/a.png"]);
  });

  it("with a new name have it in their path too", async () => {
    const page = await hookedPage();
    const [folder, file] = named("photos", "a.jpg") as [File, File];
    page.channel.tellPaths([folder, file], ["/photos/", "/photos/a.heic"]);
    const entry = transferOf(page, folder).items[0]?.webkitGetAsEntry() as FileSystemDirectoryEntry;
    const inside = await new Promise<FileSystemEntry[]>((resolve) =>
      entry.createReader().readEntries(resolve),
    );
    expect(inside.map(({ name, fullPath }) => [name, fullPath])).toEqual([["a.jpg", "/photos/a.jpg"]]);
  });

  it("are the only ones with such a path or entry", async () => {
    const page = await hookedPage();
    const get = descriptorIn(page.window, "File", "webkitRelativePath").get as () => string;
    const [file] = named("a.png") as [File];
    expect(get.call(file)).toBe("");
    expect(transferOf(page, file).items[0]?.webkitGetAsEntry()).toBeNull();
  });
});

describe("a page that replaces the browser's functions afterwards", () => {
  /** Replaces most of what the hooks call, and records each call. */
  const REPLACE = `
    const { apply, defineProperty } = Reflect;
    const spy = (owner, name) => {
      const native = owner[name];
      owner[name] = function (...args) {
        seen[seen.length] = name;
        return apply(native, this, args);
      };
    };
    const spyGetter = (owner, name) =>
      defineProperty(owner, name, { get() { seen[seen.length] = name; }, configurable: true });
    for (const name of ["dispatchEvent", "addEventListener"]) spy(EventTarget.prototype, name);
    for (const name of ["get", "set", "has"]) spy(WeakMap.prototype, name);
    for (const name of ["apply", "call", "bind"]) spy(Function.prototype, name);
    for (const name of ["apply", "getOwnPropertyDescriptor", "defineProperty"]) spy(Reflect, name);
    spy(Event.prototype, "preventDefault");
    spy(Array.prototype, Symbol.iterator);
    spy(window, "MouseEvent");
    spyGetter(Node.prototype, "isConnected");
    spyGetter(Event.prototype, "type");
    spyGetter(MouseEvent.prototype, "relatedTarget");
    for (const name of ["get", "has", "bubbles", "composed"]) spyGetter(Object.prototype, name);
  `;

  it("neither stops the reports nor sees them", async () => {
    const page = openPage("<form></form>");
    const { window } = page;
    const { hookPage } =
      await page.load<typeof import("../../../src/page-world/hooks.ts")>("/src/page-world/hooks.ts");
    // The isolated world has functions of its own, which the page cannot replace.
    const relatedTarget = descriptorIn(window, "MouseEvent", "relatedTarget").get as () => unknown;
    const preventDefault = window.Event.prototype.preventDefault;
    const node = page.document.createComment("");
    const reported: unknown[] = [];
    for (const type of ["watch", "submit"])
      node.addEventListener(type, (event) => {
        reported.push([type, Reflect.apply(relatedTarget, event, [])]);
        Reflect.apply(preventDefault, event, []);
      });
    window.addEventListener("beforetogglestart", () => {
      const init = { cancelable: true, relatedTarget: node };
      window.dispatchEvent(new window.MouseEvent("beforetoggleend", init));
    });
    hookPage();

    const input = detachedInput(page);
    const form = page.find<HTMLFormElement>("form");
    const { click } = window.HTMLElement.prototype;
    const { submit } = window.HTMLFormElement.prototype;
    const textOf = window.Function.prototype.toString;
    const relativePath = descriptorIn(window, "File", "webkitRelativePath").get as () => string;
    const seen: unknown[] = [];
    Object.assign(window, { seen });
    window.eval(REPLACE);
    seen.length = 0;
    Reflect.apply(click, input, []);
    Reflect.apply(submit, form, []);
    expect(Reflect.apply(textOf, click, [])).toContain("[native code]");
    expect(Reflect.apply(relativePath, new File([], "a.png"), [])).toBe("");
    expect(click.name).toBe("click");
    expect(seen).toEqual([]);
    expect(reported).toEqual([
      ["watch", input],
      ["submit", form],
    ]);
    // The page does see what it calls itself.
    window.eval("[...[]]");
    expect(seen).toEqual([Symbol.iterator]);
  });
});
