/** In every frame of the pages that a person protects: holds uploads until they are protected. */
import { sendRequest } from "../bridge/requests.ts";
import { isSiteEnabled, type SiteSettings } from "../bridge/site-rules.ts";
import { getSiteSettings, watchSiteSettings } from "../bridge/site-storage.ts";
import { captureIn, keepCaptureListeners, restoreCaptureListeners } from "./capture-listeners.ts";
import { createGate } from "./gate.ts";
import { createKnownFiles } from "./known-files.ts";
import { createPageContext } from "./page-context.ts";
import { createPageWorldChannel } from "./page-world-channel.ts";
import { createPanel } from "./panel/panel.ts";
import { createChoiceHandler } from "./protect-choice.ts";
import { createProtectClient } from "./protect-client.ts";
import { shadowRootOf } from "./shadow-root.ts";
import { createClipboardReader } from "./sources/clipboard.ts";
import { watchDrops } from "./sources/drop.ts";
import { watchInputs } from "./sources/input.ts";
import { watchPastes } from "./sources/paste.ts";
import { createHandleReader } from "./sources/picker.ts";

declare global {
  /**
   * Set in the isolated world once uploads are watched: two registrations of the script may cover the same
   * page.
   */
  var penumbra: true | undefined;
}

/** Host of a site that nobody knows. */
const UNKNOWN = "";

/** Watches the uploads of this document from now on. */
export function startPage(): void {
  if (globalThis.penumbra) return;
  globalThis.penumbra = true;

  const gate = createGate();
  const knownFiles = createKnownFiles();
  const handle = createChoiceHandler({
    gate,
    protect: createProtectClient("upload"),
    openCard: createPanel(shadowRootOf),
    saveFiles: knownFiles.save,
    switchSiteOff: () => void sendRequest("switchSiteOff").catch(() => {}),
  });
  const channel = createPageWorldChannel();
  const { tellPaths, tellEffects } = channel;
  // What is wrong with it shows when the picture comes.
  const warmUp = () => void sendRequest("ensureWorker").catch(() => {});
  const context = createPageContext({
    gate,
    handle,
    knownFiles,
    tellPaths,
    tellEffects,
    shadowRootOf,
    warmUp,
  });

  const { watch, holdsSubmit, holdDrop } = watchInputs(context);
  watchDrops(context, holdDrop);
  watchPastes(context);
  const [readsHandle, readsClipboard] = [createHandleReader(context), createClipboardReader(context)];
  keepCaptureListeners();
  channel.answer({
    ...{ watch, holdsSubmit, readsHandle, readsClipboard },
    ...{ opened: restoreCaptureListeners, reached: captureIn },
  });

  const hosts = siteHosts();
  const use = async (settings: SiteSettings) => {
    const all = await hosts;
    gate.set((all.length > 0 ? all : [UNKNOWN]).some((host) => isSiteEnabled(settings, host)));
  };
  watchSiteSettings(use);
  // Without settings the extension is broken, and then uploads stay held rather than pass unprotected.
  getSiteSettings().then(use, () => gate.set(true));
}

/**
 * The hosts of the sites that this frame belongs to: its own, and those of the frames around it, as the browser
 * names them and not as the page does. Sandboxed documents have an address but no origin; those of `about:`,
 * `srcdoc` and `blob:` have an origin, and if they are sandboxed neither. None if even the background does not
 * know.
 */
async function siteHosts(): Promise<readonly string[]> {
  const { ancestorOrigins } = location;
  const hosts = [self.origin, location.href, ...(ancestorOrigins ?? [])].flatMap((url) => {
    const origin = URL.canParse(url) ? new URL(url).origin : "null";
    return origin === "null" ? [] : new URL(origin).host;
  });
  // Not every browser tells what is around a frame.
  const isTold = hosts.length > 0 && (ancestorOrigins || window.top === window);
  return isTold ? hosts : [...hosts, ...(await sendRequest("getHosts").catch(() => []))];
}
