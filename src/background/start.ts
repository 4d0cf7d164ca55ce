/** The background: starts the worker when a page needs it, and keeps the status. No picture passes here. */
import { getProtectedFiles, rememberProtectedFile } from "../bridge/protected-files.ts";
import { answerRequests } from "../bridge/requests.ts";
import { requestFor } from "../bridge/settings.ts";
import { getSettings, updateSettings } from "../bridge/settings-storage.ts";
import { siteRule, withSite } from "../bridge/site-rules.ts";
import { registerSites } from "./content-scripts.ts";
import { registerImageMenu } from "./image-menu.ts";
import { createStatusKeeper } from "./status-keeper.ts";
import { ensureWorker, hasWorker } from "./worker.chrome.ts";

/** Registers all listeners at once and at the top level, so that an event can wake an ended background. */
export function startBackground(): void {
  const status = createStatusKeeper();

  answerRequests({
    async ensureWorker() {
      // A worker that is gone took its jobs with it.
      if (!(await hasWorker())) await status.running([]);
      await ensureWorker();
    },
    getHosts: (hosts) => hosts,
    async switchSiteOff(hosts) {
      for (const host of hosts)
        await updateSettings((current) => {
          const { site, enabled } = siteRule(current, host);
          return { sites: enabled ? withSite(current, site, false) : current.sites };
        });
    },
    getProtectionRequest: async (_, site) => requestFor(await getSettings(), site),
    isProtected: async (_, hash) => (await getProtectedFiles()).includes(hash),
    rememberProtected: (_, hash) => rememberProtectedFile(hash),
    reportRunning: (_, jobs) => status.running(jobs),
    reportFinished: (_, job) => status.finished(job),
  });
  registerSites();
  registerImageMenu();
}
