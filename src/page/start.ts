/** In every frame of the pages that a person protects: holds uploads back until they are protected. */

import { request } from "../bridge/messages.ts";
import { answerPage, type TellPlaces } from "../bridge/page-channel.ts";
import { DEFAULT_SETTINGS, requestFor, type Settings } from "../bridge/settings.ts";
import { getSettings, watchSettings } from "../bridge/settings-storage.ts";
import { isSiteEnabled } from "../bridge/site-rules.ts";
import { listen } from "./first.ts";
import { createGate } from "./gate.ts";
import { createOwnFiles } from "./own-files.ts";
import { createPanel } from "./panel/panel.ts";
import { createChoiceHandler } from "./protect-choice.ts";
import { createProtectClient } from "./protect-client.ts";
import { shadowOf } from "./shadow.ts";
import { watchDrops } from "./sources/drop.ts";
import { watchInputs } from "./sources/input.ts";
import { watchPastes } from "./sources/paste.ts";
import { createPicker } from "./sources/picker.ts";

declare global {
  /** Set in the content scripts' own world once uploads are watched: a page is covered by two registrations at times. */
  var penumbra: true | undefined;
}

/** Watches the uploads of this document from now on. */
export function startPage(): void {
  if (globalThis.penumbra) return;
  globalThis.penumbra = true;

  let settings: Settings = DEFAULT_SETTINGS;
  const gate = createGate();
  const protect = createProtectClient(() => requestFor(settings, pageHost()));
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
}

/** The host that a frame belongs to; `about:`, `srcdoc` and `blob:` frames have none of their own but an origin. */
function pageHost(): string {
  const origins = [self.origin, ...(location.ancestorOrigins ?? []), document.referrer];
  const origin = origins.find((url) => URL.canParse(url) && new URL(url).host !== "");
  return origin ? new URL(origin).host : "";
}
