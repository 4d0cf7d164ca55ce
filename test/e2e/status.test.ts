/** What people see beside the page: the status behind the popup and the sign on the toolbar button. */
import { expect, test } from "vitest";
import type { Status } from "../../src/bridge/status.ts";
import { useChromium } from "../support/bench.ts";
import type { ExtensionGlobal } from "../support/chromium.ts";
import { viewPanel } from "../support/chromium-panel.ts";
import { choose } from "../support/gestures.ts";
import { unprotectable } from "../support/samples.ts";
import { buttons, changing, failed } from "../support/words.ts";

const bench = useChromium();

interface Shown {
  readonly status: Status | undefined;
  readonly badge: string;
}

const shown = (): Promise<Shown> =>
  bench.extension.inWorker(async () => {
    const { storage, action } = (globalThis as unknown as ExtensionGlobal).chrome;
    const { status } = await storage.session.get("status");
    return { status: status as Status | undefined, badge: await action.getBadgeText({}) };
  });

test("a picture is counted while it is protected, then shown with its figures and previews", async () => {
  const page = await bench.open("hostile.html");
  await choose(
    page,
    "#photos",
    await bench.samples.photo("first.jpg"),
    await bench.samples.png("second.png"),
  );
  await expect
    .poll(async () => (await shown()).status?.running, { timeout: 30_000 })
    .toEqual([expect.objectContaining({ fileName: "first.jpg", host: new URL(bench.server.url).host })]);
  await expect.poll(async () => (await shown()).badge).toBe("1");
  await bench.server.nextUpload();

  await expect
    .poll(async () => (await shown()).status?.last?.fileName, { timeout: 30_000 })
    .toBe("second.png");
  await expect.poll(async () => (await shown()).badge).toBe("✓");
  const { status } = await shown();
  expect(status?.running).toEqual([]);
  const outcome = status?.last?.outcome;
  if (!outcome?.ok) throw new Error("the last picture was not protected");
  expect(outcome.report.featureErrorAfter).toBeGreaterThan(outcome.report.featureErrorBefore as number);

  const sizes = await page.evaluate(async (urls) => {
    const pictures = urls.map((src) => Object.assign(new Image(), { src }));
    await Promise.all(pictures.map((picture) => picture.decode()));
    return pictures.map(({ naturalWidth, naturalHeight }) => [naturalWidth, naturalHeight]);
  }, Object.values(outcome.previews));
  expect(sizes).toEqual([
    [180, 140],
    [180, 140],
    [180, 140],
  ]);
  expect(new Set(Object.values(outcome.previews)).size).toBe(3);
  await expect.poll(async () => (await shown()).badge, { timeout: 15_000 }).toBe("");
});

test("a failure stays on the button; a picture that was cancelled leaves no trace", async () => {
  const page = await bench.extension.context.newPage();
  const panel = await viewPanel(page);
  await page.goto(`${bench.server.url}hostile.html`);
  const [broken] = await unprotectable();
  if (!broken) throw new Error("nothing to choose");
  await choose(page, "#photos", await bench.samples.write(broken.name, broken.bytes));
  await panel.waitFor(failed);
  await expect.poll(async () => (await shown()).badge).toBe("!");
  const { status } = await shown();
  expect(status?.last?.outcome).toEqual({
    ok: false,
    problem: expect.objectContaining({ code: expect.any(String) }),
  });

  await bench.extension.change({ steps: 1000 });
  await choose(page, "#photos", await bench.samples.photo("third.jpg"));
  await panel.waitFor(changing);
  await panel.press(buttons.cancel);
  await expect.poll(async () => (await shown()).status?.running).toEqual([]);
  expect((await shown()).status?.last).toEqual(status?.last);
});
