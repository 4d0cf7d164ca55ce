/** The background: starts the worker when a page needs it, and keeps the status that people see. No picture passes here. */
import { defineBackground } from "wxt/utils/define-background";
import { registerSites } from "../src/platform/content-scripts.ts";
import { registerImageMenu } from "../src/platform/image-menu.ts";
import { answerRequests } from "../src/platform/messages.ts";
import { siteRule, updateSettings, withSite } from "../src/platform/settings.ts";
import { createStatusKeeper } from "../src/platform/status-keeper.ts";
import { ensureWorker, hasWorker } from "../src/platform/worker.chrome.ts";

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
