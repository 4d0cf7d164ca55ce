/** The parts of the background that must not trip over themselves. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";
import { createStatusKeeper } from "../../../src/background/status-keeper.ts";
import { ensureWorker } from "../../../src/background/worker.chrome.ts";
import type { FinishedJob, RunningJob } from "../../../src/bridge/status.ts";
import { getStatus } from "../../../src/bridge/status-storage.ts";

const { badge, documents } = vi.hoisted(() => ({ badge: { text: "" }, documents: { made: 0, open: 0 } }));

vi.mock("wxt/browser", async () => {
  const { fakeBrowser } = await import("wxt/testing/fake-browser");
  const tick = () => new Promise((resolve) => setTimeout(resolve, 5));
  return {
    browser: {
      storage: fakeBrowser.storage,
      action: {
        async setBadgeText({ text }: { text: string }) {
          badge.text = text;
        },
        getBadgeText: async () => badge.text,
        setBadgeBackgroundColor: async () => {},
        setBadgeTextColor: async () => {},
      },
      runtime: {
        async getContexts() {
          await tick();
          return Array.from({ length: documents.open });
        },
      },
      offscreen: {
        async createDocument() {
          await tick();
          if (documents.open > 0) throw new Error("Only a single offscreen document may be created.");
          documents.open++;
          documents.made++;
        },
      },
    },
  };
});

beforeEach(() => {
  fakeBrowser.reset();
  Object.assign(documents, { made: 0, open: 0 });
  badge.text = "";
});

describe("the worker document", () => {
  it("is made once for many that ask at once, and again when it is gone", async () => {
    await Promise.all([ensureWorker(), ensureWorker(), ensureWorker()]);
    await ensureWorker();
    expect(documents.made).toBe(1);
    documents.open = 0;
    await Promise.all([ensureWorker(), ensureWorker()]);
    expect(documents.made).toBe(2);
  });
});

describe("the status", () => {
  it("keeps the result that came last, also after the clock was set back", async () => {
    const job = (fileName: string, finishedAt: number): FinishedJob => ({
      fileName,
      host: "example.org",
      finishedAt,
      outcome: { ok: false, problem: { code: "unavailable/worker" } },
    });
    const keeper = createStatusKeeper();
    await Promise.all([keeper.finished(job("first.jpg", 1)), keeper.finished(job("second.png", 3))]);
    expect((await getStatus()).last?.fileName).toBe("second.png");
    await keeper.finished(job("third.png", 2));
    expect((await getStatus()).last?.fileName).toBe("third.png");
  });

  const running: RunningJob = {
    id: "1",
    fileName: "a.jpg",
    host: "x.com",
    progress: { stage: "ascend", fraction: 0.5 },
  };
  const failed: FinishedJob = {
    fileName: "a.jpg",
    host: "x.com",
    finishedAt: 1,
    outcome: { ok: false, problem: { code: "corrupt/no-pixels" } },
  };

  it("loses no change of several that come at once", async () => {
    const keeper = createStatusKeeper();
    await Promise.all([
      keeper.running([running]),
      keeper.finished(failed),
      keeper.running([running, { ...running, id: "2" }]),
      keeper.running([running]),
    ]);
    expect(await getStatus()).toEqual({ running: [running], last: failed });
  });

  it("is on the button: how many, then how the last one ended", async () => {
    const keeper = createStatusKeeper();
    await keeper.running([running, { ...running, id: "2" }]);
    expect(badge.text).toBe("2");
    await keeper.finished(failed);
    expect(badge.text).toBe("2");
    await keeper.running([]);
    expect(badge.text).toBe("!");
  });
});
