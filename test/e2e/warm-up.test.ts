/** The worker starts while a person still chooses a picture, so that nobody waits for it. */
import { beforeEach, expect, test } from "vitest";
import { useChromium } from "../support/bench.ts";
import type { ExtensionGlobal } from "../support/chromium.ts";
import { viewPanel } from "../support/chromium-panel.ts";
import { done } from "../support/words.ts";

const bench = useChromium();

const workers = () =>
  bench.extension.inWorker(async () => {
    const { runtime } = (globalThis as unknown as ExtensionGlobal).chrome;
    return (await runtime.getContexts({ contextTypes: ["OFFSCREEN_DOCUMENT"] })).length;
  });

beforeEach(async () => {
  await bench.extension.inWorker(async () => {
    const { offscreen } = (globalThis as unknown as ExtensionGlobal).chrome;
    await offscreen.closeDocument().catch(() => {});
  });
  expect(await workers()).toBe(0);
});

test("the dialog of an input starts the worker, which then takes the picture", async () => {
  const page = await bench.open("hostile.html");
  const panel = await viewPanel(page);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click("#photos")]);
  await expect.poll(workers).toBe(1);
  await chooser.setFiles((await bench.samples.photo()).path);
  await panel.waitFor(done(1, 1));
  expect(await workers()).toBe(1);
});

test("what is dragged over the page from outside starts it", async () => {
  const page = await bench.open("hostile.html");
  const session = await page.context().newCDPSession(page);
  const { path } = await bench.samples.photo();
  await session.send("Input.dispatchDragEvent", {
    ...{ type: "dragEnter", x: 50, y: 50 },
    data: { items: [], files: [path], dragOperationsMask: 1 },
  });
  await expect.poll(workers).toBe(1);
});

test("a script that opens no dialog does not start it", async () => {
  const page = await bench.open("blank.html");
  // What the test itself evaluates counts as a person's doing.
  await page.addInitScript(() =>
    addEventListener("load", () => {
      document.querySelector<HTMLInputElement>("#photos")?.click();
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["picture"], "a.jpg"));
      dispatchEvent(new DragEvent("dragenter", { dataTransfer }));
      document.title = "clicked";
    }),
  );
  await page.goto(`${bench.server.url}hostile.html`);
  await expect.poll(() => page.title()).toBe("clicked");
  await page.waitForTimeout(500);
  expect(await workers()).toBe(0);
});
