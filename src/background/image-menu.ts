/**
 * "Protect this image" in the menu of a picture. The background finds out how the picture can be read, asks
 * for permission where that needs one, puts a script into the tab, and reads what the page of the tab may
 * not. See `page/save-picture.ts`.
 */
import { type Browser, browser } from "wxt/browser";
import { IMAGE_MENU_PORT, type MenuMessage, type TabMessage } from "../bridge/image-menu-port.ts";
import { readPicture } from "../bridge/read-picture.ts";
import { menu } from "../bridge/strings/extension.ts";
import { withSentence } from "../bridge/strings/problems.ts";
import { Problem, toProblemData } from "../core/contract/problem.ts";

const ITEM = "protect-image";
const SCRIPT = "/save-picture.js";

/** How the picture of a click can be read. */
export interface PictureAccess {
  /** Frame that the script goes into. */
  readonly frameId: number;
  /** Whether a script in that frame can read the picture; otherwise the background reads it. */
  readonly readHere: boolean;
  /** Match pattern of the site whose permission is needed, if any. */
  readonly ask?: string;
}

/** The part of a click that decides. */
export type Click = Pick<Browser.contextMenus.OnClickData, "srcUrl" | "pageUrl" | "frameUrl" | "frameId">;

/** Adds the menu and answers it; called once, by the background. */
export function registerImageMenu(): void {
  browser.runtime.onInstalled.addListener(async () => {
    await browser.contextMenus.removeAll();
    browser.contextMenus.create({ id: ITEM, title: menu.protectImage, contexts: ["image"] });
  });
  browser.contextMenus.onClicked.addListener((click, tab) => {
    if (click.menuItemId !== ITEM || tab?.id === undefined || !click.srcUrl) return;
    const access = accessFor(click);
    // Nothing may be awaited before this, or the browser no longer takes it for the person's click.
    const allowed = access.ask === undefined || askFor(access.ask);
    savePicture(tab.id, click.srcUrl, access, allowed).catch((error) =>
      console.error("The image could not be protected.", error),
    );
  });
}

/** Where to read a picture. The click permits access to the tab, but not to a frame of another site. */
export function accessFor({
  srcUrl = "",
  pageUrl = "",
  frameUrl = pageUrl,
  frameId = 0,
}: Click): PictureAccess {
  const inReach = frameId === 0 || originOf(frameUrl) === originOf(pageUrl);
  const url = new URL(srcUrl, frameUrl || undefined);
  const readHere =
    url.protocol === "data:" || (inReach && url.origin !== "null" && url.origin === originOf(frameUrl));
  const ask = !readHere && /^https?:$/.test(url.protocol) ? `${url.protocol}//${url.hostname}/*` : undefined;
  return { frameId: inReach ? frameId : 0, readHere, ...(ask && { ask }) };
}

async function savePicture(
  tabId: number,
  url: string,
  { frameId, readHere }: PictureAccess,
  allowed: boolean | Promise<boolean>,
): Promise<void> {
  await browser.scripting.executeScript({ target: { tabId, frameIds: [frameId] }, files: [SCRIPT] });
  const port = browser.tabs.connect(tabId, { name: IMAGE_MENU_PORT, frameId });
  const post = (message: MenuMessage) => port.postMessage(message);
  port.onMessage.addListener(async ({ kind }: TabMessage) => {
    if (kind !== "read") return;
    try {
      if (!(await allowed))
        throw new Problem({ code: "unavailable/permission", host: new URL(url).hostname });
      post({ kind: "bytes", file: await readPicture(url) });
    } catch (error) {
      post({ kind: "failed", problem: withSentence(toProblemData(error)) });
    }
  });
  post({ kind: "picture", url, readHere });
}

/** Asks the person; a browser that refuses to ask may have been given the permission before. */
async function askFor(origin: string): Promise<boolean> {
  const origins = [origin];
  return await browser.permissions
    .request({ origins })
    .catch(() => browser.permissions.contains({ origins }));
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}
