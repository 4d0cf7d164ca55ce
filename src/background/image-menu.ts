/**
 * "Protect this image" in the menu of a picture. The background finds out how the picture can be read, asks for leave where
 * that needs any (within the click, as browsers demand), and puts a script into the tab that does the rest: reads what its page
 * may read, gets what it may not from here, protects, and saves the copy.
 */
import { type Browser, browser } from "wxt/browser";
import { createBlobReceiver, isProbe, makeProbe, sendBlob } from "../bridge/blobs.ts";
import { type BlobMessage, LARGEST_FILE, parseBlobMessage } from "../bridge/messages.ts";
import { menu } from "../bridge/strings/extension.ts";
import { withSentence } from "../bridge/strings/problems.ts";
import type { ProblemData } from "../core/contract/problem.ts";
import { Problem, toProblemData } from "../core/contract/problem.ts";

const ITEM = "protect-image";
const PORT = "save-picture";
const SCRIPT = "/save-picture.js";

/** From the background to the tab: which picture, and, when asked, its bytes. */
type ToTab =
  | { readonly kind: "picture"; readonly url: string; readonly readHere: boolean }
  | { readonly kind: "failed"; readonly problem: ProblemData }
  | BlobMessage;

/** From the tab: asks for the bytes of a picture that its page may not read. */
type FromTab = { readonly kind: "read"; readonly probe: Blob };

/** How the picture of a click can be had. */
export interface Plan {
  /** Frame that the script goes into. */
  readonly frameId: number;
  /** Whether a script in that frame can read the picture; otherwise the extension reads it. */
  readonly readHere: boolean;
  /** Match pattern of the site to ask leave for, if any. */
  readonly ask?: string;
}

/** What of a click decides. */
export type Click = Pick<Browser.contextMenus.OnClickData, "srcUrl" | "pageUrl" | "frameUrl" | "frameId">;

/** Adds the menu and answers it; called once, by the background. */
export function registerImageMenu(): void {
  browser.runtime.onInstalled.addListener(async () => {
    await browser.contextMenus.removeAll();
    browser.contextMenus.create({ id: ITEM, title: menu.protectImage, contexts: ["image"] });
  });
  browser.contextMenus.onClicked.addListener((click, tab) => {
    if (click.menuItemId !== ITEM || tab?.id === undefined || !click.srcUrl) return;
    const plan = planFor(click);
    const { ask } = plan;
    // Nothing may be awaited before this, or the browser no longer takes it for the person's click.
    const allowed = ask ? browser.permissions.request({ origins: [ask] }).catch(() => isGranted(ask)) : true;
    start(tab.id, click.srcUrl, plan, allowed).catch((error) =>
      console.error("The image could not be protected.", error),
    );
  });
}

/** Where to read a picture. A frame of another site is out of reach of the click's leave for the tab. */
export function planFor({ srcUrl = "", pageUrl = "", frameUrl = pageUrl, frameId = 0 }: Click): Plan {
  const inReach = frameId === 0 || originOf(frameUrl) === originOf(pageUrl);
  const url = new URL(srcUrl, frameUrl || undefined);
  const readHere =
    url.protocol === "data:" || (inReach && url.origin !== "null" && url.origin === originOf(frameUrl));
  const ask = !readHere && /^https?:$/.test(url.protocol) ? `${url.protocol}//${url.hostname}/*` : undefined;
  return { frameId: inReach ? frameId : 0, readHere, ...(ask && { ask }) };
}

async function start(
  tabId: number,
  url: string,
  { frameId, readHere }: Plan,
  allowed: boolean | Promise<boolean>,
): Promise<void> {
  await browser.scripting.executeScript({ target: { tabId, frameIds: [frameId] }, files: [SCRIPT] });
  const port = browser.tabs.connect(tabId, { name: PORT, frameId });
  const post = (message: ToTab) => port.postMessage(message);
  port.onMessage.addListener(async ({ probe }: FromTab) => {
    try {
      if (!(await allowed))
        throw new Problem({ code: "unavailable/permission", host: new URL(url).hostname });
      await sendBlob(post, await readPicture(url), isProbe(probe));
    } catch (error) {
      post({ kind: "failed", problem: withSentence(toProblemData(error)) });
    }
  });
  post({ kind: "picture", url, readHere });
}

async function isGranted(origin: string): Promise<boolean> {
  return await browser.permissions.contains({ origins: [origin] });
}

/** A picture that the menu was used on, in the tab. */
export interface ClickedPicture {
  readonly url: string;
  /** Reads the picture's bytes; rejects with a `Problem`. */
  read(): Promise<Blob>;
}

/** In the tab: waits for pictures that the menu is used on. */
export function onClickedPicture(callback: (picture: ClickedPicture) => void): void {
  browser.runtime.onConnect.addListener((port) => {
    if (port.name !== PORT) return;
    port.onMessage.addListener((message: ToTab) => {
      if (message.kind !== "picture") return;
      const { url, readHere } = message;
      callback({ url, read: () => (readHere ? readPicture(url) : readThere(port)) });
    });
  });
}

function readThere(port: Browser.runtime.Port): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const receiver = createBlobReceiver(LARGEST_FILE);
    port.onMessage.addListener((message: ToTab) => {
      if (message.kind === "failed") return reject(new Problem(message.problem));
      const part = parseBlobMessage(message);
      const blob = part && receiver.accept(part);
      if (blob) resolve(blob);
    });
    const gone = () => reject(new Problem({ code: "unavailable/interrupted" }));
    port.onDisconnect.addListener(gone);
    try {
      port.postMessage({ kind: "read", probe: makeProbe() } satisfies FromTab);
    } catch {
      gone();
    }
  });
}

async function readPicture(url: string): Promise<Blob> {
  try {
    const response = await fetch(url, { credentials: "include" });
    if (!response.ok) throw new Problem({ code: "unavailable/site", status: response.status });
    return await response.blob();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem({ code: "unavailable/picture" }, { cause });
  }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}
