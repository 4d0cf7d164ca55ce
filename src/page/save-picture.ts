/** Runs in a tab after "Protect this image": saves a protected copy. See `background/image-menu.ts`. */
import { type Browser, browser } from "wxt/browser";
import { IMAGE_MENU_PORT, type MenuMessage, type TabMessage } from "../bridge/image-menu-port.ts";
import { readPicture } from "../bridge/read-picture.ts";
import { Problem } from "../core/contract/problem.ts";
import { createPanel } from "./panel/panel.ts";
import { createProtectClient } from "./protect-client.ts";
import { saveCopy } from "./save-copy.ts";
import { shadowRootOf } from "./shadow-root.ts";

declare global {
  /** Set in the isolated world, since the script is injected each time the menu is used. */
  var penumbraSaves: true | undefined;
}

/** Answers the menu in this document from now on. */
export function startSaving(): void {
  if (globalThis.penumbraSaves) return;
  globalThis.penumbraSaves = true;

  const openCard = createPanel(shadowRootOf);
  const protect = createProtectClient("copy");
  browser.runtime.onConnect.addListener((port) => {
    if (port.name !== IMAGE_MENU_PORT) return;
    port.onMessage.addListener((message: MenuMessage) => {
      if (message.kind !== "picture") return;
      const { url, readHere } = message;
      void saveCopy(url, () => (readHere ? readPicture(url) : askForBytes(port)), protect, openCard);
    });
  });
}

/** Asks the background for the bytes of a picture that this page may not read. */
function askForBytes(port: Browser.runtime.Port): Promise<Blob> {
  return new Promise((resolve, reject) => {
    port.onMessage.addListener((message: MenuMessage) => {
      if (message.kind === "bytes") resolve(message.file);
      if (message.kind === "failed") reject(new Problem(message.problem));
    });
    const interrupted = () => reject(new Problem({ code: "unavailable/interrupted" }));
    port.onDisconnect.addListener(interrupted);
    try {
      port.postMessage({ kind: "read" } satisfies TabMessage);
    } catch {
      interrupted();
    }
  });
}
