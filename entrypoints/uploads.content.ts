/** In every frame of the pages that a person protects: holds uploads back until they are protected. */
import { defineContentScript } from "wxt/utils/define-content-script";
import { request } from "../src/bridge/messages.ts";
import { answerPage, type TellPlaces } from "../src/bridge/page-channel.ts";
import { DEFAULT_SETTINGS, type Settings } from "../src/bridge/settings.ts";
import { getSettings, isSiteEnabled, watchSettings } from "../src/bridge/settings-storage.ts";
import { listedPatterns } from "../src/bridge/sites.ts";
import { workOptions } from "../src/bridge/upload.ts";
import { listen } from "../src/page/first.ts";
import { createGate } from "../src/page/gate.ts";
import { createOwnFiles } from "../src/page/own-files.ts";
import { createPanel } from "../src/page/panel/panel.ts";
import { createChoiceHandler } from "../src/page/protect-choice.ts";
import { createProtectClient } from "../src/page/protect-client.ts";
import { shadowOf } from "../src/page/shadow.ts";
import { watchDrops } from "../src/page/sources/drop.ts";
import { watchInputs } from "../src/page/sources/input.ts";
import { watchPastes } from "../src/page/sources/paste.ts";
import { createPicker } from "../src/page/sources/picker.ts";

declare global {
  /** Set in the content scripts' own world once uploads are watched: a page is covered by two registrations at times. */
  var penumbra: true | undefined;
}

export default defineContentScript({
  matches: listedPatterns(import.meta.env.MODE),
  runAt: "document_start",
  allFrames: true,
  matchAboutBlank: true,
  matchOriginAsFallback: true,
  main() {
    if (globalThis.penumbra) return;
    globalThis.penumbra = true;

    let settings: Settings = DEFAULT_SETTINGS;
    const gate = createGate();
    const protect = createProtectClient(() => workOptions(settings, pageHost()));
    const own = createOwnFiles();
    const switchOff = () => void request("switchSiteOff").catch(() => {});
    const handle = createChoiceHandler(gate, protect, createPanel(), own, switchOff);
    const places: TellPlaces = (...of) => tellPlaces(...of);
    const inputs = watchInputs(gate, handle, own, places, shadowOf);
    const readsHandle = createPicker(gate, handle, own);
    const tellPlaces = answerPage({ ...inputs, readsHandle, opened: listen });
    watchDrops(gate, handle, own, tellPlaces, inputs, shadowOf);
    watchPastes(gate, handle, own, tellPlaces, shadowOf);

    const use = (next: Settings) => {
      settings = next;
      gate.set(isSiteEnabled(next, pageHost()));
    };
    watchSettings(use);
    // Without its settings the extension is broken, and a broken extension does not let pictures through.
    getSettings().then(use, () => gate.set(true));
  },
});

/** The host that a frame belongs to; `about:`, `srcdoc` and `blob:` frames have none of their own but an origin. */
function pageHost(): string {
  const origins = [self.origin, ...(location.ancestorOrigins ?? []), document.referrer];
  const origin = origins.find((url) => URL.canParse(url) && new URL(url).host !== "");
  return origin ? new URL(origin).host : "";
}
