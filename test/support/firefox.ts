/** Firefox with the extension in a fresh profile, by WebDriver BiDi. */
import { inject } from "vitest";
import type { Status } from "../../src/bridge/status.ts";
import { type Bidi, startFirefox } from "./bidi.ts";
import type { Browser, Tab } from "./browser.ts";
import { type DomNode, viewThrough } from "./panel.ts";

export interface Firefox extends Browser {
  /** A page of the extension, to run things in with its rights. */
  readonly inside: Tab;
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

/** Starts Firefox with the extension, with some of its preferences changed. */
export async function openFirefox(
  preferences: Readonly<Record<string, number | boolean>> = {},
): Promise<Firefox> {
  const found = inject("firefox");
  if (!found) throw new Error("there is no Firefox: set FIREFOX_PATH");
  const bidi = await startFirefox(found.path, {
    "extensions.webextensions.uuids": JSON.stringify({ [ADDON]: UUID }),
    ...preferences,
  });
  try {
    await bidi.send("session.new", {
      capabilities: { alwaysMatch: { unhandledPromptBehavior: { file: "ignore" } } },
    });
    await bidi.send("session.subscribe", { events: ["log.entryAdded"] });
    await bidi.send("webExtension.install", { extensionData: { type: "path", path: found.extensionDir } });
    return await openTabs(bidi);
  } catch (error) {
    await bidi.close();
    throw error;
  }
}

async function openTabs(bidi: Bidi): Promise<Firefox> {
  const { contexts } = await bidi.send<Tree>("browsingContext.getTree", { "moz:scope": "chrome" });
  const chrome = tabOf(bidi, contexts[0]?.context ?? "", async () => {});
  const answerDialogs = (paths: string[]) => chrome.evaluate(replaceFilePicker, paths);

  async function open(url: string): Promise<Tab> {
    const { context } = await bidi.send<{ context: string }>("browsingContext.create", { type: "tab" });
    const viewport = { width: 1100, height: 900 };
    await bidi.send("browsingContext.setViewport", { context, viewport });
    const tab = tabOf(bidi, context, answerDialogs);
    await tab.goto(url);
    return tab;
  }

  const inside = await open(`moz-extension://${UUID}/popup.html`);
  return {
    open,
    inside,
    change: (patch) =>
      inside.evaluate(async (next) => {
        const { local } = (globalThis as unknown as ExtensionGlobal).browser.storage;
        const { settings } = await local.get("settings");
        await local.set({ settings: { version: 1, ...settings, ...next } });
      }, patch),
    status: () =>
      inside.evaluate(async () => {
        const { session } = (globalThis as unknown as ExtensionGlobal).browser.storage;
        return ((await session.get("status")).status ?? { running: [] }) as Status;
      }),
    stopBackground: () =>
      chrome.evaluate(async (id) => {
        const { WebExtensionPolicy } = globalThis as unknown as ChromeGlobal;
        await WebExtensionPolicy.getByID(id).extension.terminateBackground();
      }, ADDON),
    close: () => bidi.close(),
  };
}

interface Tree {
  readonly contexts: readonly { readonly context: string; readonly children: Tree["contexts"] }[];
}

/** As much of the extension API as tests use from inside. */
interface ExtensionGlobal {
  readonly browser: {
    readonly storage: {
      readonly session: { get(key: string): Promise<Record<string, unknown>> };
      readonly local: {
        get(key: string): Promise<Record<string, object>>;
        set(items: Record<string, unknown>): Promise<void>;
      };
    };
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

function tabOf(bidi: Bidi, context: string, answerDialogs: (paths: string[]) => Promise<void>): Tab {
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
      await answerDialogs(samples.map(({ path }) => path));
      await press(await find(selector));
    },
    click: async (selector) => press(await find(selector)),
    drop: async () => fail("drag and drop"),
    copy: async () => fail("pictures on the clipboard"),
    paste: async () => fail("pictures on the clipboard"),
    async frame() {
      const { contexts } = await bidi.send<Tree>("browsingContext.getTree", { root: context });
      const child = contexts[0]?.children[0];
      if (!child) throw new Error("there is no frame");
      return tabOf(bidi, child.context, answerDialogs);
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

function fail(what: string): never {
  throw new Error(`Firefox without a screen has no ${what}; see the list in browsers.ts`);
}

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
