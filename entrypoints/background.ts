/** The background: starts the worker when a page needs it, and keeps the status that people see. No picture passes here. */
import { defineBackground } from "wxt/utils/define-background";
import { registerSites } from "../src/background/content-scripts.ts";
import { registerImageMenu } from "../src/background/image-menu.ts";
import { createStatusKeeper } from "../src/background/status-keeper.ts";
import { ensureWorker, hasWorker } from "../src/background/worker.chrome.ts";
import { answerRequests } from "../src/bridge/messages.ts";
import { siteRule, updateSettings, withSite } from "../src/bridge/settings-storage.ts";

export default defineBackground({
  type: "module",
  main() {
    const status = createStatusKeeper();

    answerRequests({
      async ensureWorker() {
        // A worker that is gone took its jobs with it.
        if (!(await hasWorker())) await status.running([]);
        await ensureWorker();
      },
      async switchSiteOff(host) {
        await updateSettings((current) => ({
          sites: withSite(current, siteRule(current, host).site, false),
        }));
      },
      reportRunning: (_, jobs) => status.running(jobs),
      reportFinished: (_, job) => status.finished(job),
    });
    registerSites();
    registerImageMenu();
  },
});
