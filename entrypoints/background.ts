/** The background: starts the worker when a page needs it, and keeps the status that people see. No picture passes here. */
import { defineBackground } from "wxt/utils/define-background";
import { registerSites } from "../src/platform/content-scripts.ts";
import { registerImageMenu } from "../src/platform/image-menu.ts";
import { answerRequests } from "../src/platform/messages.ts";
import { createStatusKeeper } from "../src/platform/status-keeper.ts";
import { ensureWorker, hasWorker } from "../src/platform/worker.chrome.ts";

export default defineBackground({
  type: "module",
  main() {
    const status = createStatusKeeper();
    // Only Firefox has no other place for the work than this one, and only there is this import part of the build.
    const start = import.meta.env.FIREFOX
      ? async () => (await import("./offscreen/work.ts")).startWork()
      : undefined;

    answerRequests({
      async ensureWorker() {
        // A worker that is gone took its jobs with it.
        if (!(await hasWorker())) await status.running([]);
        await ensureWorker(start);
      },
      reportRunning: status.running,
      reportFinished: status.finished,
    });
    registerSites();
    registerImageMenu();
  },
});
