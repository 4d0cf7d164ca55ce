/** The popup's start: reads storage and the tab, draws, and draws again when anything changes. It wakes nobody. */
import { render } from "preact";
import { hasSite, watchSites } from "../../bridge/permissions.ts";
import {
  forgetProtectedFiles,
  getProtectedFiles,
  watchProtectedFiles,
} from "../../bridge/protected-files.ts";
import { getSettings, updateSettings, watchSettings } from "../../bridge/settings-storage.ts";
import { siteRule } from "../../bridge/site-rules.ts";
import { getStatus, watchStatus } from "../../bridge/status-storage.ts";
import "../../bridge/theme.css";
import { SURROGATES } from "../../core/models/registry.ts";
import "../components/base.css";
import { closedFrames } from "./closed-frames.ts";
import { currentPage } from "./current-page.ts";
import type { PopupActions } from "./model.ts";
import { siteState } from "./model.ts";
import { Popup } from "./popup.tsx";
import { forgetSite, switchSiteOff, switchSiteOn } from "./site-actions.ts";

const root = document.getElementById("app") as HTMLElement;
const page = await currentPage();
const host = page.kind === "site" ? page.host : "";
const surrogates = SURROGATES.filter(({ cliOnly }) => !cliOnly);
let settings = await getSettings();
let status = await getStatus();
let permitted = await hasSite(siteRule(settings, host).site);
let protectedFiles = (await getProtectedFiles()).length;
let denied = false;
// Nobody waits for it: a page that is still loading answers late.
let frames: readonly string[] = [];

const actions: PopupActions = {
  change: updateSettings,
  async switchSite(enabled) {
    const { site } = siteRule(settings, host);
    if (enabled) denied = !(await switchSiteOn(site));
    else await switchSiteOff(site);
    draw();
  },
  addSite: switchSiteOn,
  removeSite: forgetSite,
  forgetFiles: forgetProtectedFiles,
};

watchSettings((next) => {
  settings = next;
  draw();
});
watchStatus((next) => {
  status = next;
  draw();
});
watchProtectedFiles((hashes) => {
  protectedFiles = hashes.length;
  draw();
});
watchSites(async () => {
  permitted = await hasSite(siteRule(settings, host).site);
  draw();
  await lookAtFrames();
});
draw();
await lookAtFrames();

async function lookAtFrames(): Promise<void> {
  frames = await closedFrames(settings);
  draw();
}

function draw(): void {
  const site = siteState(page, settings, { permitted, denied });
  const model = { settings, site, closedFrames: frames, status, surrogates, protectedFiles, now: Date.now() };
  render(<Popup model={model} actions={actions} />, root);
}
