/** Firefox with the extension in a fresh profile, by WebDriver BiDi, on a screen of its own where there can be one. */
import { statSync } from "node:fs";
import { inject, vi } from "vitest";
import type { Status } from "../../src/bridge/status.ts";
import { type Bidi, startFirefox } from "./bidi.ts";
import type { Browser, PlainBrowser, Tab } from "./browser.ts";
import { publishCopied, writeToClipboard } from "./gestures.ts";
import { type DomNode, viewThrough } from "./panel.ts";
import { openScreen, type Screen } from "./screen.ts";

export interface Firefox extends Browser {
  /** Runs something in a page of the extension, with its rights. */
  inside: Tab["evaluate"];
  /** Switches the extension off or on, as a person does on the page of add-ons. */
  setEnabled(on: boolean): Promise<void>;
  /** Loads the extension anew, as an update does. */
  reload(): Promise<void>;
  /** Kills the process that the extension runs in. */
  crash(): Promise<void>;
  /** Opens an address in a private window. */
  openPrivate(url: string): Promise<Tab>;
}

export interface FirefoxOptions {
  readonly preferences?: Readonly<Record<string, number | boolean>>;
  /** Folder of the profile, if it is to be a certain one. */
  readonly profile?: string;
  /** Whether the extension is allowed in private windows. */
  readonly inPrivate?: boolean;
}

const ADDON = "penumbra@penumbra.invalid";
const UUID = "b5a1c2d4-0e1f-4a2b-8c3d-5e6f7a8b9c0d";

/** A node of BiDi, in the terms of {@link DomNode}. */
interface BidiNode extends DomNode {
  readonly sharedId: string;
}

interface RemoteValue {
  readonly type: string;
  readonly value?: string;
  readonly sharedId: string;
}

interface LogEntry {
  readonly level: string;
  readonly text: string | null;
  readonly source: { readonly context?: string };
}

interface RemoteNode {
  readonly sharedId: string;
  readonly value: {
    readonly localName?: string;
    readonly nodeValue?: string;
    readonly attributes?: Readonly<Record<string, string>>;
    readonly children?: readonly RemoteNode[];
    readonly shadowRoot?: RemoteNode | null;
  };
}

type Outcome =
  | { readonly type: "success"; readonly result: RemoteValue }
  | { readonly type: "exception"; readonly exceptionDetails: { readonly text: string } };

/** Starts Firefox with the extension. */
export async function openFirefox(options: FirefoxOptions = {}): Promise<Firefox> {
  return await start(options, async (bidi, hands, extensionDir) => {
    const extensionData = { type: "path", path: extensionDir };
    const allowed = { "moz:allowPrivateBrowsing": options.inPrivate ?? false };
    await bidi.send("webExtension.install", { extensionData, ...allowed });
    return await browserOf(bidi, hands);
  });
}

/** Starts the same browser without the extension. */
export const openPlainFirefox = (): Promise<PlainBrowser> =>
  start({}, async (bidi, hands) => ({
    open: (url) => openTab(bidi, hands, url),
    closeOthers: await closerOfOthers(bidi),
  }));

/** Makes the function that closes all tabs that are not there yet. */
async function closerOfOthers(bidi: Bidi): Promise<() => Promise<void>> {
  const kept = new Set((await topLevel(bidi)).map(({ context }) => context));
  return async () => {
    for (const { context } of await topLevel(bidi))
      if (!kept.has(context)) await bidi.send("browsingContext.close", { context }).catch(() => {});
  };
}

/** Starts Firefox and prepares it. */
async function start<Prepared>(
  { preferences, profile }: FirefoxOptions,
  prepare: (bidi: Bidi, hands: Hands, extensionDir: string) => Promise<Prepared>,
): Promise<Prepared & { close(): Promise<void> }> {
  const found = inject("firefox");
  if (!found) throw new Error("there is no Firefox: set FIREFOX_PATH");
  const screen = inject("hasScreen") ? await openScreen() : undefined;
  let bidi: Bidi | undefined;
  const close = async () => {
    await bidi?.close();
    await screen?.close();
  };
  try {
    bidi = await startFirefox(
      found.path,
      {
        "extensions.webextensions.uuids": JSON.stringify({ [ADDON]: UUID }),
        // As in Chromium without a screen, pages may open windows.
        "dom.disable_open_during_load": false,
        // What is loaded for a test is gone with the browser, but not what it stored.
        "extensions.webextensions.keepStorageOnUninstall": true,
        "extensions.webextensions.keepUuidOnUninstall": true,
        ...preferences,
      },
      { display: screen?.display, folder: profile },
    );
    await bidi.send("session.new", {
      capabilities: { alwaysMatch: { unhandledPromptBehavior: { file: "ignore" } } },
    });
    await bidi.send("session.subscribe", { events: ["log.entryAdded"] });
    return { ...(await prepare(bidi, await handsOf(bidi, screen), found.extensionDir)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function handsOf(bidi: Bidi, screen: Screen | undefined): Promise<Hands> {
  const { contexts } = await bidi.send<Tree>("browsingContext.getTree", { "moz:scope": "chrome" });
  const chrome = tabOf(bidi, contexts[0]?.context ?? "", undefined);
  return {
    chrome,
    answerDialogs: (paths) => chrome.evaluate(replaceFilePicker, paths),
    offer: (paths, text) => chrome.evaluate(offerFiles, paths, text ?? null),
    async drag(from, to) {
      if (!screen) throw new Error("without a screen nothing can be dragged; see the list in browsers.ts");
      await screen.mouse("mousemove", from.x, from.y, "mousedown", 1);
      // A drag begins once the mouse has moved a little, and a page hears of it once the mouse moves over it.
      await screen.mouse("mousemove", from.x + 15, from.y + 15, "sleep", 0.2);
      await screen.mouse("mousemove", to.x, to.y, "sleep", 0.2, "mousemove", to.x + 1, to.y, "sleep", 0.3);
      await screen.mouse("mouseup", 1);
    },
    allowFolder: () => chrome.evaluate(confirmFolder),
    allowPaste: () => chrome.evaluate(pressPasteButton),
    hold: async (key, during) => {
      await screen?.mouse("keydown", key);
      await during().finally(() => screen?.mouse("keyup", key));
    },
  };
}

async function openTab(bidi: Bidi, hands: Hands, url: string): Promise<Tab> {
  const { context } = await bidi.send<{ context: string }>("browsingContext.create", { type: "tab" });
  const viewport = { width: 1100, height: 900 };
  await bidi.send("browsingContext.setViewport", { context, viewport });
  const tab = tabOf(bidi, context, hands);
  await tab.goto(url);
  return tab;
}

async function browserOf(bidi: Bidi, hands: Hands): Promise<Omit<Firefox, "close">> {
  const openInside = () => openTab(bidi, hands, `moz-extension://${UUID}/popup.html`);
  let page = await openInside();
  const inside: Tab["evaluate"] = (work, ...args) => page.evaluate(work, ...args);
  const closeOthers = await closerOfOthers(bidi);
  return {
    open: (url) => openTab(bidi, hands, url),
    closeOthers,
    inside,
    host: UUID,
    change: (patch) =>
      inside(async (next) => {
        const { local } = (globalThis as unknown as ExtensionGlobal).browser.storage;
        const { settings } = await local.get("settings");
        await local.set({ settings: { version: 1, ...settings, ...next } });
      }, patch),
    status: () =>
      inside(async () => {
        const { session } = (globalThis as unknown as ExtensionGlobal).browser.storage;
        return ((await session.get("status")).status ?? { running: [] }) as Status;
      }),
    stopBackground: () =>
      hands.chrome.evaluate(async (id) => {
        const { WebExtensionPolicy } = globalThis as unknown as ChromeGlobal;
        await WebExtensionPolicy.getByID(id).extension.terminateBackground();
      }, ADDON),
    async setEnabled(on) {
      await hands.chrome.evaluate(callAddon, ADDON, on ? "enable" : "disable");
      if (on) page = await openInside();
    },
    async reload() {
      await hands.chrome.evaluate(callAddon, ADDON, "reload");
      page = await openInside();
    },
    async crash() {
      process.kill(await hands.chrome.evaluate(processOfExtensions), "SIGKILL");
      page = await openInside();
    },
    async openPrivate(url) {
      const opened = new Set((await topLevel(bidi)).map(({ context }) => context));
      await inside(async (url) => {
        const { windows } = (globalThis as unknown as ExtensionGlobal).browser;
        await windows.create({ url, incognito: true });
      }, url);
      const context = await vi.waitFor(
        async () => {
          const found = (await topLevel(bidi)).find((one) => !opened.has(one.context));
          if (!found) throw new Error("there is no private window");
          return found.context;
        },
        { timeout: 20_000 },
      );
      const tab = tabOf(bidi, context, hands);
      await tab.goto(url);
      return tab;
    },
  };
}

const topLevel = async (bidi: Bidi) => (await bidi.send<Tree>("browsingContext.getTree", {})).contexts;

/** Runs in the browser's own window. */
async function callAddon(id: string, method: "enable" | "disable" | "reload"): Promise<void> {
  // biome-ignore lint/suspicious/noExplicitAny: the browser's insides have no types
  const { ChromeUtils } = globalThis as any;
  const { AddonManager } = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
  await (await AddonManager.getAddonByID(id))[method]();
}

/** Runs in the browser's own window. @returns the number of the process that extensions run in */
async function processOfExtensions(): Promise<number> {
  // biome-ignore lint/suspicious/noExplicitAny: the same
  const { children } = await (globalThis as any).ChromeUtils.requestProcInfo();
  return children.find(({ type }: { type: string }) => type === "extension").pid;
}

interface Tree {
  readonly contexts: readonly { readonly context: string; readonly children: Tree["contexts"] }[];
}

/** As much of the extension API as tests use from inside. */
export interface ExtensionGlobal {
  readonly browser: {
    readonly storage: {
      readonly session: {
        get(key: string): Promise<Record<string, unknown>>;
        set(items: Record<string, unknown>): Promise<void>;
        clear(): Promise<void>;
      };
      readonly onChanged: { addListener(listener: (changes: object) => void): void };
      readonly local: {
        get(key: string): Promise<Record<string, object>>;
        set(items: Record<string, unknown>): Promise<void>;
      };
    };
    readonly windows: { create(options: { url: string; incognito: boolean }): Promise<unknown> };
    readonly runtime: { getBackgroundPage(): Promise<Window> };
  };
}

/**
 * Runs in the browser's own window: from now on, file dialogs are answered with these files instead of being shown. The
 * driver's own command dispatches events that differ from those of the browser: its `input` does not leave a shadow root.
 */
function replaceFilePicker(paths: string[]): void {
  // biome-ignore lint/suspicious/noExplicitAny: the browser's insides have no types
  const { Cc, Ci, ChromeUtils, Components, Services } = globalThis as any;
  const files = paths.map((path) => {
    const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
    file.initWithPath(path);
    return file;
  });
  const picker = () => ({
    QueryInterface: ChromeUtils.generateQI(["nsIFilePicker"]),
    init() {},
    appendFilters() {},
    appendFilter() {},
    appendRawFilter() {},
    isModeSupported: async () => true,
    file: files[0],
    get files() {
      const left = [...files];
      return {
        QueryInterface: ChromeUtils.generateQI(["nsISimpleEnumerator"]),
        hasMoreElements: () => left.length > 0,
        getNext: () => left.shift(),
      };
    },
    open: (callback: { done(result: number): void }) =>
      Services.tm.dispatchToMainThread(() => callback.done(Ci.nsIFilePicker.returnOK)),
  });
  Components.manager
    .QueryInterface(Ci.nsIComponentRegistrar)
    .registerFactory(Services.uuid.generateUUID(), "", "@mozilla.org/filepicker;1", {
      QueryInterface: ChromeUtils.generateQI(["nsIFactory"]),
      createInstance: picker,
    });
}

/** As much of the browser's own window. */
interface ChromeGlobal {
  readonly WebExtensionPolicy: {
    getByID(id: string): { readonly extension: { terminateBackground(): Promise<void> } };
  };
}

/** What a person does outside of pages. */
interface Hands {
  /** The browser's own window. */
  readonly chrome: Tab;
  /** Chooses these files in the next dialogs. */
  answerDialogs(paths: string[]): Promise<void>;
  /** Lays files, and words, ready to be dragged. @returns where */
  offer(paths: string[], text: string | undefined): Promise<Place>;
  /** Drags what is at a place of the screen to another place, and drops it. */
  drag(from: Place, to: Place): Promise<void>;
  /** Confirms to the browser that a page may have the folder that was just chosen. */
  allowFolder(): Promise<void>;
  /** Presses the browser's own button for a page that reads the clipboard. */
  allowPaste(): Promise<void>;
  /** Holds a key down meanwhile. */
  hold(key: string, during: () => Promise<void>): Promise<void>;
}

/** Pixels of the screen. */
interface Place {
  readonly x: number;
  readonly y: number;
}

/** Runs in the browser's own window: shows a square from which files can be dragged, as from the list of downloads. */
function offerFiles(paths: string[], text: string | null): Place {
  // biome-ignore lint/suspicious/noExplicitAny: the browser's insides have no types
  const { Cc, Ci, document, mozInnerScreenX, mozInnerScreenY } = globalThis as any;
  document.querySelector("#offered")?.remove();
  const square = document.createElementNS("http://www.w3.org/1999/xhtml", "div");
  square.id = "offered";
  square.draggable = true;
  square.style.cssText =
    "position: fixed; inset: 0 auto auto 0; width: 60px; height: 60px; z-index: 1000; background: teal";
  // biome-ignore lint/suspicious/noExplicitAny: the same
  square.addEventListener("dragstart", ({ dataTransfer }: any) => {
    for (const [i, path] of paths.entries()) {
      const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
      file.initWithPath(path);
      dataTransfer.mozSetDataAt("application/x-moz-file", file, i);
    }
    if (text !== null) dataTransfer.setData("text/plain", text);
  });
  document.documentElement.append(square);
  return { x: mozInnerScreenX + 20, y: mozInnerScreenY + 20 };
}

/** Runs in the browser's own window, which asks once more before a page gets a whole folder. */
async function confirmFolder(): Promise<void> {
  for (;;) {
    // biome-ignore lint/suspicious/noExplicitAny: the browser's insides have no types
    for (const { contentDocument } of (globalThis as any).document.querySelectorAll(".dialogFrame")) {
      const button = contentDocument?.querySelector("dialog")?.shadowRoot?.querySelector("[dlgtype=accept]");
      if (button && !button.disabled) return button.click();
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs in the browser's own window, where the button can be pressed after a moment only. */
async function pressPasteButton(): Promise<void> {
  for (;;) {
    // biome-ignore lint/suspicious/noExplicitAny: the same
    const button = (globalThis as any).document.querySelector("#clipboardReadPasteMenuItem");
    if (button?.parentNode.state === "open" && !button.disabled)
      return button.parentNode.activateItem(button);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function tabOf(bidi: Bidi, context: string, hands: Hands | undefined, top = context): Tab {
  /** Calls a function, given as its source, with values or nodes. */
  async function call(
    functionDeclaration: string,
    args: object[],
    options: object = {},
  ): Promise<RemoteValue> {
    const outcome = await bidi.send<Outcome>("script.callFunction", {
      functionDeclaration,
      arguments: args,
      target: { context },
      awaitPromise: true,
      userActivation: false,
      ...options,
    });
    if (outcome.type === "exception") throw new Error(outcome.exceptionDetails.text);
    return outcome.result;
  }

  async function find(selector: string): Promise<{ sharedId: string }> {
    const path = { type: "string", value: selector };
    const { type, sharedId } = await call(
      `(path) => path.split(" >>> ").reduce((root, part) => (root.shadowRoot ?? root).querySelector(part), document)`,
      [path],
    );
    if (type !== "node") throw new Error(`there is no ${selector}`);
    return { sharedId };
  }

  async function press({ sharedId }: { sharedId: string }, look = 0) {
    const element = { sharedId };
    await call(`(node) => node.scrollIntoView({ block: "nearest" })`, [element]);
    const actions = [
      { type: "pointerMove", x: 0, y: 0, origin: { type: "element", element } },
      { type: "pause", duration: look },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await bidi.send("input.performActions", {
      context,
      actions: [{ type: "pointer", id: "mouse", actions }],
    });
  }

  /** A place in an element, once its tab is in front. */
  async function placeOf(selector: string, right: number, down: number): Promise<Place> {
    await bidi.send("browsingContext.activate", { context: top });
    const { value = "" } = await call(
      `(node) => {
        node.scrollIntoView({ block: "nearest" });
        const { x, y } = node.getBoundingClientRect();
        return JSON.stringify([Math.round(x + mozInnerScreenX), Math.round(y + mozInnerScreenY)]);
      }`,
      [await find(selector)],
    );
    const [x, y] = JSON.parse(value);
    return { x: x + right, y: y + down };
  }

  async function pressKeys(...keys: string[]) {
    const actions = [
      ...keys.map((value) => ({ type: "keyDown", value })),
      ...keys.toReversed().map((value) => ({ type: "keyUp", value })),
    ];
    await bidi.send("input.performActions", { context, actions: [{ type: "key", id: "keyboard", actions }] });
  }

  const errors: string[] = [];
  bidi.on<LogEntry>("log.entryAdded", ({ level, text, source }) => {
    if (level === "error" && source.context === context) errors.push(text ?? "");
  });

  return {
    errors,
    panel: viewThrough<BidiNode>({
      async tree() {
        const node = await call("() => document.documentElement", [], {
          serializationOptions: { maxDomDepth: null, includeShadowTree: "all" },
        });
        return toDomNode(node as unknown as RemoteNode);
      },
      async boxOf({ sharedId }) {
        const { value = "" } = await call(
          `(node) => { const { width, right, bottom } = node.getBoundingClientRect(); return JSON.stringify({ width, right, bottom: Math.round(bottom) }); }`,
          [{ sharedId }],
        );
        return JSON.parse(value);
      },
      // A person looks first, and the panel wants it where an original is at stake.
      press: (node) => press(node, 1000),
    }),
    async evaluate(work, ...args) {
      const text = JSON.stringify(args);
      const { value } = await call(
        `async (text) => JSON.stringify({ result: await (${work})(...JSON.parse(text)) })`,
        [{ type: "string", value: text }],
      );
      return JSON.parse(value ?? "{}").result;
    },
    async goto(url) {
      await bidi.send("browsingContext.navigate", { context, url, wait: "complete" });
    },
    async choose(selector, ...samples) {
      const paths = samples.map(({ path }) => path);
      await hands?.answerDialogs(paths);
      await press(await find(selector));
      if (paths.some((path) => statSync(path).isDirectory())) await hands?.allowFolder();
    },
    click: async (selector) => press(await find(selector)),
    url: async () => (await call("() => location.href", [])).value ?? "",
    async chooseIn(expression, { path }) {
      await hands?.answerDialogs([path]);
      // The window that the input is in must be the one that the person does something in.
      const { sharedId } = await call(`() => ${expression}`, []);
      const view = await call(`() => (${expression}).ownerDocument.defaultView`, []);
      const { context: inner = context } = view.value as unknown as { context?: string };
      const options = { target: { context: inner }, userActivation: true };
      await call("(input) => input.click()", [{ sharedId }], options);
    },
    async drop(selector, samples, text) {
      const paths = samples.map(({ path }) => path);
      const to = await placeOf(selector, 40, 20);
      await hands?.hold("shift", async () => hands.drag(await hands.offer(paths, text), to));
    },
    drag: async (selector, onto) => hands?.drag(await placeOf(selector, 10, 10), await placeOf(onto, 10, 10)),
    async copy(server, copied) {
      const { context: source } = await bidi.send<{ context: string }>("browsingContext.create", {
        type: "tab",
      });
      const other = tabOf(bidi, source, hands);
      await other.goto(publishCopied(server, copied));
      const types = { type: "array", value: Object.keys(copied).map((value) => ({ type: "string", value })) };
      await call(`${writeToClipboard}`, [types], { target: { context: source }, userActivation: true });
      await other.close();
      await bidi.send("browsingContext.activate", { context: top });
    },
    async paste(selector) {
      if (selector) await call("(node) => node.focus()", [await find(selector)]);
      await pressKeys(CONTROL, "v");
    },
    allowPaste: async () => hands?.allowPaste(),
    press: (key) => pressKeys(KEYS[key]),
    async frame() {
      const child = await vi.waitFor(
        async () => {
          const { contexts } = await bidi.send<Tree>("browsingContext.getTree", { root: context });
          const [found] = contexts[0]?.children ?? [];
          if (!found) throw new Error("there is no frame");
          return found;
        },
        { timeout: 10_000 },
      );
      return tabOf(bidi, child.context, hands, top);
    },
    async screenshot() {
      const { data } = await bidi.send<{ data: string }>("browsingContext.captureScreenshot", { context });
      return Buffer.from(data, "base64");
    },
    async close() {
      await bidi.send("browsingContext.close", { context });
    },
  };
}

/** Keys as WebDriver writes them. */
const CONTROL = "\uE009";
const KEYS = { End: "\uE010" };

function toDomNode({ sharedId, value }: RemoteNode): BidiNode {
  const { localName, nodeValue = "", attributes = {}, children = [], shadowRoot } = value;
  return {
    sharedId,
    nodeName: localName?.toUpperCase() ?? "#text",
    nodeValue,
    attributes: Object.entries(attributes).flat(),
    children: children.map(toDomNode),
    shadowRoots: shadowRoot ? [toDomNode(shadowRoot)] : [],
  };
}
