// @vitest-environment happy-dom
/** The way of a picture from the page side to the worker and back, over ports that clone and over ports that speak JSON. */

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBlobReceiver, isProbe, makeProbe, sendBlob } from "../../../src/bridge/blobs.ts";
import {
  answerRequests,
  type BlobMessage,
  type Handlers,
  hostOf,
  parseToWorker,
  request,
} from "../../../src/bridge/messages.ts";
import { Problem } from "../../../src/core/contract/problem.ts";
import type {
  Progress,
  ProtectedPicture,
  ProtectionReport,
} from "../../../src/core/contract/protected-picture.ts";
import type { ProtectionRequest } from "../../../src/core/contract/protection-request.ts";
import { createProtectClient } from "../../../src/page/protect-client.ts";
import { serveProtect, type Work } from "../../../src/worker/protect-server.ts";
import { makeFakeBrowser } from "../../support/fake-runtime.ts";

const fake = vi.hoisted(() => ({ browser: undefined as unknown as ReturnType<typeof makeFakeBrowser> }));
vi.mock("wxt/browser", () => ({
  get browser() {
    return fake.browser;
  },
}));

const OPTIONS: ProtectionRequest = {
  epsilon: 8 / 255,
  surrogate: "efficientnet-lite0",
  objective: "overlap",
};
const REPORT = { labelErrorAfter: 0.9 } as ProtectionReport;

const handlers = (more: Partial<Handlers> = {}): Handlers => ({
  ensureWorker: () => {},
  switchSiteOff: () => {},
  reportRunning: () => {},
  reportFinished: () => {},
  ...more,
});

/** Reverses the bytes, so that none is where it was. */
const reverse: Work = async ({ file }, onProgress) => {
  onProgress({ stage: "ascend", fraction: 0.5 });
  const bytes = new Uint8Array(await file.arrayBuffer()).reverse();
  return { bytes, type: "image/png", report: REPORT } satisfies ProtectedPicture;
};

const serve = (work: Work, more: object = {}) =>
  serveProtect(work, { idleAfter: 60, onIdle: () => {}, onFailed: () => {}, ...more });

const picture = (size = 5) =>
  new File([Uint8Array.from({ length: size }, (_, i) => i)], "a.jpg", { type: "image/jpeg" });

const protectWith = (silence?: number) => createProtectClient(() => OPTIONS, silence);

const never = new AbortController().signal;

beforeEach(() => {
  fake.browser = makeFakeBrowser();
});

afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  ["clones", false],
  ["JSON", true],
])("where messages are %s", (_, json) => {
  beforeEach(() => {
    fake.browser.state.json = json;
    answerRequests(handlers());
  });

  it("a file goes there and its protected form comes back, with progress", async () => {
    const orders: unknown[] = [];
    serve(async (order, onProgress, signal) => {
      orders.push({ ...order, file: order.file.size });
      return await reverse(order, onProgress, signal);
    });
    const progress: Progress[] = [];
    const result = await protectWith()(picture(), (step) => progress.push(step), never);
    expect([...new Uint8Array(result.bytes)]).toEqual([4, 3, 2, 1, 0]);
    expect(result).toMatchObject({ type: "image/png", report: REPORT });
    expect(progress).toEqual([{ stage: "ascend", fraction: 0.5 }]);
    expect(orders).toEqual([{ file: 5, fileName: "a.jpg", host: "x.com", options: OPTIONS }]);
  });

  it("a problem comes back as it was", async () => {
    const onFailed = vi.fn();
    serve(() => Promise.reject(new Problem({ code: "animated", format: "GIF" })), { onFailed });
    await expect(protectWith()(picture(), () => {}, never)).rejects.toMatchObject({
      name: "Problem",
      code: "animated",
      data: { format: "GIF", sentence: expect.stringContaining("animated GIF") },
    });
    expect(onFailed).toHaveBeenCalledWith({ code: "animated", format: "GIF" });
  });

  it("cancelling ends the work", async () => {
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
    const work = vi.fn<Work>(() => Promise.reject(new Problem({ code: "backend/gpu-lost" })));
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
    port.postMessage({ kind: "hello", probe: makeProbe() });
    fake.browser.state.sender = { id: "own" };
    const odd = fake.browser.runtime.connect({ name: "odd" });
    odd.onMessage.addListener(heard);
    odd.postMessage({ kind: "hello", probe: makeProbe() });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).not.toHaveBeenCalled();
  });

  it("does nothing with what has not the right form", async () => {
    const work = vi.fn(reverse);
    serve(work);
    const port = fake.browser.runtime.connect({ name: "picture" });
    const blob = new Blob(["x"]);
    for (const message of [
      null,
      "hello",
      { kind: "blob", blob },
      { kind: "start", name: 1, options: OPTIONS },
      { kind: "start", name: "a", options: { ...OPTIONS, epsilon: 3 } },
      { kind: "blob", blob },
      { kind: "read", path: "/etc/passwd" },
    ])
      port.postMessage(message);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(work).not.toHaveBeenCalled();
  });

  it("takes one picture a port", async () => {
    const work = vi.fn(reverse);
    serve(work);
    const port = fake.browser.runtime.connect({ name: "picture" });
    port.postMessage({ kind: "start", name: "a", options: OPTIONS });
    for (let i = 0; i < 3; i++) port.postMessage({ kind: "blob", blob: new Blob(["x"]) });
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
    await expect(request("ensureWorker")).rejects.toThrow("no");
  });

  it("of the worker are not taken from pages or strangers", async () => {
    const reportRunning = vi.fn();
    answerRequests(handlers({ reportRunning }));
    await expect(request("reportRunning", [])).rejects.toThrow();
    fake.browser.state.sender = { id: "other", url: `${location.origin}/offscreen.html` };
    await expect(request("reportRunning", [])).rejects.toThrow();
    expect(reportRunning).not.toHaveBeenCalled();
    fake.browser.state.sender = { id: "own", url: `${location.origin}/offscreen.html` };
    await request("reportRunning", []);
    expect(reportRunning).toHaveBeenCalledWith(new URL(location.origin).host, []);
  });

  it("of unknown names, inherited ones too, are not answered", async () => {
    answerRequests(handlers());
    for (const name of ["toString", "constructor", "__proto__", "nothing"])
      await expect(fake.browser.runtime.sendMessage({ request: name, args: [] })).rejects.toThrow(
        "Receiving end",
      );
  });
});

describe("what a page side may ask", () => {
  it("is an order with options in their ranges", () => {
    const order = { kind: "start", name: "a.jpg", options: OPTIONS };
    expect(parseToWorker(order)).toEqual(order);
    expect(parseToWorker({ ...order, options: { ...OPTIONS, steps: 5 } })).toMatchObject({
      options: { steps: 5 },
    });
    const shrinking = { ...order, options: { ...OPTIONS, longestSide: 2048 } };
    expect(parseToWorker(shrinking)).toEqual(shrinking);
    for (const wrong of [
      { epsilon: 0 },
      { epsilon: Number.NaN },
      { epsilon: "8/255" },
      { surrogate: "../../secret" },
      { objective: "shame" },
      { steps: 0 },
      { steps: 1.5 },
      { steps: 1e9 },
      { longestSide: 0 },
      { longestSide: 15 },
      { longestSide: 99.5 },
      { longestSide: "2048" },
      { longestSide: 1e9 },
    ])
      expect(
        parseToWorker({ ...order, options: { ...OPTIONS, ...wrong } }),
        JSON.stringify(wrong),
      ).toBeUndefined();
  });

  it("is nothing else, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        expect(parseToWorker(message)).toBeUndefined();
      }),
    );
  });
});

describe("files in chunks", () => {
  it("arrive whole, whatever their size", async () => {
    for (const size of [0, 1, 3 * 2 ** 19 - 1, 3 * 2 ** 19, 3 * 2 ** 19 + 1, 5 * 2 ** 20]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);
      const messages: BlobMessage[] = [];
      await sendBlob((message) => messages.push(message), new Blob([bytes]), false);
      const receiver = createBlobReceiver(2 ** 30);
      const results = messages.map((message) => receiver.accept(message));
      expect(results.slice(0, -1).every((blob) => blob === undefined)).toBe(true);
      const arrived = new Uint8Array((await results.at(-1)?.arrayBuffer()) ?? []);
      expect(Buffer.compare(arrived, bytes)).toBe(0);
    }
  });

  it("are refused when there is too much of them", () => {
    const receiver = createBlobReceiver(4);
    expect(() => receiver.accept({ kind: "chunk", data: btoa("12345"), last: false })).toThrow(RangeError);
  });

  it("are chosen where the probe does not arrive", () => {
    expect(isProbe(makeProbe())).toBe(true);
    expect(isProbe(JSON.parse(JSON.stringify(makeProbe())))).toBe(false);
    expect(isProbe(undefined)).toBe(false);
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
