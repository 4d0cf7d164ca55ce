// @vitest-environment happy-dom
/** The way of a picture from the page to the worker and back, over a fake port between the two ends. */

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parsePictureMessage } from "../../../src/bridge/picture-message.ts";
import { answerRequests, type Handlers, sendRequest } from "../../../src/bridge/requests.ts";
import { hostOf } from "../../../src/bridge/sender.ts";
import { noticeText } from "../../../src/bridge/strings/notices.ts";
import { protectedBefore, wordsOf } from "../../../src/bridge/strings/results.ts";
import { Problem } from "../../../src/core/contract/problem.ts";
import type {
  Progress,
  ProtectedPicture,
  ProtectionReport,
} from "../../../src/core/contract/protected-picture.ts";
import { DEFAULT_REQUEST } from "../../../src/core/contract/protection-request.ts";
import { createProtectClient } from "../../../src/page/protect-client.ts";
import { type RunJob, servePictures } from "../../../src/worker/picture-server.ts";
import { makeFakeBrowser } from "../../support/fake-runtime.ts";

const fake = vi.hoisted(() => ({ browser: undefined as unknown as ReturnType<typeof makeFakeBrowser> }));
vi.mock("wxt/browser", () => ({
  get browser() {
    return fake.browser;
  },
}));

const REPORT = {
  ...{ labelErrorBefore: 0.1, labelErrorAfter: 0.9, labelName: "fish" },
  notices: [] as ProtectionReport["notices"],
} as ProtectionReport;

const handlers = (more: Partial<Handlers> = {}): Handlers => ({
  ensureWorker: () => {},
  getHosts: (hosts) => hosts,
  switchSiteOff: () => {},
  getProtectionRequest: () => DEFAULT_REQUEST,
  isProtected: () => false,
  rememberProtected: () => {},
  reportRunning: () => {},
  reportFinished: () => {},
  ...more,
});

/** Reverses the bytes, so that none is where it was. */
const reverse: RunJob = async ({ file }, onProgress) => {
  onProgress({ stage: "ascend", fraction: 0.5 });
  const bytes = new Uint8Array(await file.arrayBuffer()).reverse();
  return { bytes, type: "image/png", report: REPORT } satisfies ProtectedPicture;
};

const serve = (work: RunJob, more: object = {}) =>
  servePictures(work, { idleAfter: 60, onIdle: () => {}, onFailed: () => {}, ...more });

const picture = (size = 5) =>
  new File([Uint8Array.from({ length: size }, (_, i) => i)], "a.jpg", { type: "image/jpeg" });

/** What a page sends. */
const message = () => ({ fileName: "a", file: new Blob(["x"]), purpose: "upload" });

const protectWith = (silence?: number) => createProtectClient("upload", silence);

const never = new AbortController().signal;

beforeEach(() => {
  fake.browser = makeFakeBrowser();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a picture", () => {
  beforeEach(() => answerRequests(handlers()));

  it("goes to the worker and comes back protected, with progress", async () => {
    const orders: unknown[] = [];
    serve(async (order, onProgress, signal) => {
      orders.push({ ...order, file: order.file.size });
      return await reverse(order, onProgress, signal);
    });
    const progress: Progress[] = [];
    const result = await protectWith()(picture(), (step) => progress.push(step), never);
    expect([...new Uint8Array(result.bytes)]).toEqual([4, 3, 2, 1, 0]);
    expect(result).toMatchObject({ type: "image/png", words: wordsOf(REPORT) });
    expect(progress).toEqual([{ stage: "ascend", fraction: 0.5 }]);
    expect(orders).toEqual([
      { file: 5, fileName: "a.jpg", host: "x.com", isPrivate: false, purpose: "upload" },
    ]);
  });

  it("that lacks something comes back with sentences about it, which the page does not have", async () => {
    const notices = [{ code: "second-picture" }] as const;
    serve(async () => ({ bytes: new Uint8Array(1), type: "image/jpeg", report: { ...REPORT, notices } }));
    const { words } = await protectWith()(picture(), () => {}, never);
    expect(words.details).toContain(noticeText(notices[0]));
  });

  it("that cannot be protected comes back as the problem that it was", async () => {
    const onFailed = vi.fn();
    serve(() => Promise.reject(new Problem({ code: "animated", format: "GIF" })), { onFailed });
    await expect(protectWith()(picture(), () => {}, never)).rejects.toMatchObject({
      name: "Problem",
      code: "animated",
      data: { format: "GIF", sentence: expect.stringContaining("animated GIF") },
    });
    expect(onFailed).toHaveBeenCalledWith({ code: "animated", format: "GIF" });
  });

  it("that was protected before comes back as it is, and says so", async () => {
    serve(async () => "protected before");
    const file = picture();
    const { bytes, words } = await protectWith()(file, () => {}, never);
    expect([...bytes]).toEqual([...new Uint8Array(await file.arrayBuffer())]);
    expect(words).toEqual({ headline: protectedBefore, details: [] });
  });

  it("that is cancelled ends the work", async () => {
    const ended = vi.fn();
    serve(
      (_order, _onProgress, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            ended();
            reject(signal.reason);
          }),
        ),
    );
    const abort = new AbortController();
    const result = protectWith()(picture(), () => {}, abort.signal);
    await new Promise((resolve) => setTimeout(resolve, 20));
    abort.abort();
    await expect(result).rejects.toMatchObject({ name: "AbortError" });
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  });
});

describe("a worker that fails", () => {
  beforeEach(() => answerRequests(handlers()));

  it("by not being there is looked for three times", async () => {
    const ensureWorker = vi.fn();
    fake.browser = makeFakeBrowser();
    answerRequests(handlers({ ensureWorker }));
    await expect(protectWith()(picture(), () => {}, never)).rejects.toMatchObject({ kind: "unavailable" });
    expect(ensureWorker).toHaveBeenCalledTimes(3);
    expect(fake.browser.state.opened).toBe(3);
  });

  it("by going away while the picture waits is looked for again", async () => {
    let times = 0;
    fake.browser.runtime.onConnect.addListener((port) => {
      if (++times > 1) return;
      port.disconnect();
      // The next one; the one that went away serves nobody.
      queueMicrotask(() => serve(reverse));
    });
    await expect(protectWith()(picture(), () => {}, never)).resolves.toMatchObject({ type: "image/png" });
    expect(times).toBe(2);
  });

  it("by losing its backend is replaced once; then it is a problem", async () => {
    const work = vi.fn<RunJob>(() => Promise.reject(new Problem({ code: "backend/gpu-lost" })));
    serve(work);
    await expect(protectWith()(picture(), () => {}, never)).rejects.toMatchObject({ kind: "backend" });
    expect(work).toHaveBeenCalledTimes(2);
    work.mockImplementation(reverse).mockRejectedValueOnce(new Problem({ code: "backend/gpu-lost" }));
    await expect(protectWith()(picture(), () => {}, never)).resolves.toMatchObject({ type: "image/png" });
  });

  it("by going away in the middle of the work is a problem", async () => {
    fake.browser.runtime.onConnect.addListener((port) => {
      port.postMessage({ kind: "progress", progress: { stage: "ascend", fraction: 0.1 } });
      setTimeout(() => port.disconnect(), 10);
    });
    await expect(protectWith()(picture(), () => {}, never)).rejects.toMatchObject({ kind: "unavailable" });
    expect(fake.browser.state.opened).toBe(1);
  });

  it("by falling silent is a problem; one that says it is alive is waited for", async () => {
    vi.useFakeTimers();
    fake.browser.runtime.onConnect.addListener((port) => {
      let signs = 3;
      const timer = setInterval(() => {
        if (signs-- > 0) port.postMessage({ kind: "alive" });
        else clearInterval(timer);
      }, 20_000);
    });
    const settled = vi.fn();
    protectWith(30)(picture(), () => {}, never).catch(settled);
    await vi.advanceTimersByTimeAsync(89_000);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2000);
    expect(settled).toHaveBeenCalledWith(expect.objectContaining({ kind: "unavailable" }));
  });

  it("because the extension is gone is said in words of its own", async () => {
    fake.browser.runtime.id = undefined;
    await expect(protectWith()(picture(), () => {}, never)).rejects.toMatchObject({
      code: "unavailable/reloaded",
    });
  });

  it("because there is no background is a problem", async () => {
    fake.browser = makeFakeBrowser();
    await expect(protectWith()(picture(), () => {}, never)).rejects.toMatchObject({ kind: "unavailable" });
  });
});

describe("the worker's side", () => {
  beforeEach(() => answerRequests(handlers()));

  it("does not answer other extensions, or ports of other names", async () => {
    const work = vi.fn(reverse);
    serve(work);
    fake.browser.state.sender = { id: "other" };
    const port = fake.browser.runtime.connect({ name: "picture" });
    const heard = vi.fn();
    port.onMessage.addListener(heard);
    port.postMessage(message());
    fake.browser.state.sender = { id: "own" };
    const odd = fake.browser.runtime.connect({ name: "odd" });
    odd.onMessage.addListener(heard);
    odd.postMessage(message());
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).not.toHaveBeenCalled();
  });

  it("does nothing with what has not the right form", async () => {
    const work = vi.fn(reverse);
    serve(work);
    const port = fake.browser.runtime.connect({ name: "picture" });
    const file = new Blob(["x"]);
    for (const wrong of [
      null,
      "hello",
      file,
      { file, purpose: "upload" },
      { ...message(), fileName: 1 },
      { ...message(), file: "x" },
      { ...message(), purpose: "theft" },
      { kind: "read", path: "/etc/passwd" },
    ])
      port.postMessage(wrong);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(work).not.toHaveBeenCalled();
  });

  it("takes one picture a port", async () => {
    const work = vi.fn(reverse);
    serve(work);
    const port = fake.browser.runtime.connect({ name: "picture" });
    for (let i = 0; i < 3; i++) port.postMessage(message());
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(work).toHaveBeenCalledOnce();
  });

  it("shows signs of life, and says when it has been idle for long", async () => {
    vi.useFakeTimers();
    const onIdle = vi.fn();
    serve(reverse, { onIdle });
    const port = fake.browser.runtime.connect({ name: "picture" });
    const kinds: string[] = [];
    port.onMessage.addListener((message) => kinds.push((message as { kind: string }).kind));
    await vi.advanceTimersByTimeAsync(61_000);
    expect(kinds.filter((kind) => kind === "alive").length).toBeGreaterThanOrEqual(12);
    expect(onIdle).not.toHaveBeenCalled();
    port.disconnect();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(onIdle).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    expect(onIdle).toHaveBeenCalledOnce();
  });
});

describe("requests", () => {
  it("are answered, with the answer or the failure", async () => {
    answerRequests(handlers({ ensureWorker: () => Promise.reject(new Error("no")) }));
    await expect(sendRequest("ensureWorker")).rejects.toThrow("no");
  });

  it("of the worker are not taken from pages or strangers", async () => {
    const reportRunning = vi.fn();
    answerRequests(handlers({ reportRunning }));
    await expect(sendRequest("reportRunning", [])).rejects.toThrow();
    await expect(sendRequest("getProtectionRequest", "x.com")).rejects.toThrow();
    fake.browser.state.sender = { id: "other", url: `${location.origin}/offscreen.html` };
    await expect(sendRequest("reportRunning", [])).rejects.toThrow();
    expect(reportRunning).not.toHaveBeenCalled();
    fake.browser.state.sender = { id: "own", url: `${location.origin}/offscreen.html` };
    await sendRequest("reportRunning", []);
    expect(reportRunning).toHaveBeenCalledWith([new URL(location.origin).host], []);
  });

  it("of unknown names, inherited ones too, are not answered", async () => {
    answerRequests(handlers());
    for (const name of ["toString", "constructor", "__proto__", "nothing"])
      await expect(fake.browser.runtime.sendMessage({ request: name, args: [] })).rejects.toThrow(
        "Receiving end",
      );
  });
});

describe("what a page may send", () => {
  const picture = { fileName: "a.jpg", file: new Blob(["x"]), purpose: "upload" };

  it("is a picture, with a name of at most 255 characters, and nothing that nobody asked for", () => {
    expect(parsePictureMessage(picture)).toEqual(picture);
    expect(parsePictureMessage({ ...picture, purpose: "copy" })).toEqual({ ...picture, purpose: "copy" });
    const more = { ...picture, fileName: "a".repeat(1000), epsilon: 1 };
    expect(parsePictureMessage(more)).toEqual({ ...picture, fileName: "a".repeat(255) });
  });

  it("is nothing else, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        expect(parsePictureMessage(message)).toBeUndefined();
      }),
    );
  });
});

describe("the host of a sender", () => {
  it.each([
    [{ origin: "https://x.com", url: "https://x.com/home" }, "x.com"],
    [{ origin: "null", tab: { url: "https://bsky.app/compose" }, url: "about:blank" }, "bsky.app"],
    [{ origin: "http://localhost:4000" }, "localhost:4000"],
    [{ origin: "null", url: "about:srcdoc" }, ""],
    [undefined, ""],
  ])("%j is “%s”", (sender, host) => {
    expect(hostOf(sender as Parameters<typeof hostOf>[0])).toBe(host);
  });
});
