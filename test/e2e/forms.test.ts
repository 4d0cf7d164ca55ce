import { beforeEach, expect, test } from "vitest";
import { useBench } from "../support/bench.ts";
import { choose, FEW_STEPS, witnessOf } from "../support/harness.ts";
import { viewPanel } from "../support/panel.ts";

const bench = useBench();

beforeEach(() => bench.extension.change({ steps: FEW_STEPS }));

test("a form posted too early waits for the picture and goes out as the person meant", async () => {
  const page = await bench.open("form.html");
  const before = bench.server.uploads.length;
  const chosen = await bench.samples.photo();
  await choose(page, "#photo", chosen);
  // The input is required and, until the picture is ready, empty.
  await page.click("text=Post secretly");
  await page.waitForTimeout(300);
  expect(bench.server.uploads.length).toBe(before);
  expect(page.url()).toContain("form.html");

  const received = await bench.server.nextUpload();
  expect(received.map(({ field, name }) => [field, name])).toEqual([
    ["caption", ""],
    ["photo", "goldfish.jpg"],
    ["requestSubmit", ""],
    ["how", ""],
  ]);
  expect(received[1]?.sha256).not.toBe(chosen.sha256);
  expect(new TextDecoder().decode(received[3]?.bytes)).toBe("secretly");
  await page.waitForURL(/upload/);
  await page.waitForTimeout(500);
  expect(bench.server.uploads.length).toBe(before + 1);
});

test("a form whose picture is cancelled is not posted", async () => {
  await bench.extension.change({ steps: 1000 });
  const page = await bench.open("form.html");
  const before = bench.server.uploads.length;
  const panel = await viewPanel(page);
  await page.evaluate(() => document.querySelector("#photo")?.removeAttribute("required"));
  await choose(page, "#photo", await bench.samples.photo());
  await page.click("text=Post secretly");
  await panel.waitFor(/Protecting/);
  await panel.press("Cancel");
  await panel.waitUntilGone();
  await page.waitForTimeout(500);
  expect(bench.server.uploads.length).toBe(before);
  expect(page.url()).toContain("form.html");
});

test("a form posted by script with requestSubmit waits too", async () => {
  const page = await bench.open("form.html");
  const chosen = await bench.samples.photo();
  await page.evaluate(() => {
    const input = document.querySelector("#photo");
    input?.removeAttribute("required");
    // As soon as anything happens to the input, and again after a while.
    const submit = () => HTMLFormElement.prototype.requestSubmit.call(document.querySelector("form"));
    for (const type of ["input", "change", "focus"]) input?.addEventListener(type, submit);
    setTimeout(submit, 1000);
  });
  await choose(page, "#photo", chosen);
  const received = await bench.server.nextUpload();
  expect(received.find(({ field }) => field === "photo")?.name).toBe("goldfish.jpg");
  for (const { sha256 } of received) expect(sha256).not.toBe(chosen.sha256);
});

test("an input in an open shadow root is protected, and its form waits", async () => {
  const page = await bench.open("shadow.html");
  const chosen = await bench.samples.photo();
  await choose(page, "photo-picker input", chosen);
  await page.click("photo-picker button");
  const [file] = await bench.server.nextUpload();
  expect(file?.name).toBe("goldfish.jpg");
  expect(file?.sha256).not.toBe(chosen.sha256);
});

test("the page inside the shadow root hears of one choice, with its file", async () => {
  const page = await bench.open("shadow.html");
  const chosen = await bench.samples.photo();
  await choose(page, "photo-picker input", chosen);
  await page.waitForFunction(() => (window as unknown as { changes: string[][] }).changes.length > 0);
  expect(await page.evaluate(() => (window as unknown as { changes: string[][] }).changes)).toEqual([
    ["goldfish.jpg"],
  ]);
  const { hashes } = await witnessOf(page);
  expect(Object.keys(hashes)).toHaveLength(1);
  expect(hashes).not.toHaveProperty(chosen.sha256);
});

test.each(["about:blank", "srcdoc"])("an input in a frame of kind %s is protected", async (kind) => {
  const page = await bench.open("hostile.html");
  const chosen = await bench.samples.photo();
  await page.evaluate((srcdoc) => {
    const frame = document.createElement("iframe");
    const body =
      '<form action="/upload" method="post" enctype="multipart/form-data"><input type="file" name="photo"></form>';
    if (srcdoc) frame.srcdoc = body;
    document.body.append(frame);
    if (!srcdoc && frame.contentDocument) frame.contentDocument.body.innerHTML = body;
  }, kind === "srcdoc");
  const input = page.frameLocator("iframe").locator("input");
  await input.setInputFiles(chosen.path);
  // The panel is where it can be seen: in the page, not in the frame.
  await (await viewPanel(page)).waitFor(/Protected/, 60_000);
  await input.evaluate((element: HTMLInputElement) => element.form?.submit());
  const [file] = await bench.server.nextUpload();
  expect(file?.name).toBe("goldfish.jpg");
  expect(file?.sha256).not.toBe(chosen.sha256);
});

test("the panel can be read and pressed above a modal dialog and under a strict policy", async () => {
  await bench.extension.change({ steps: 1000 });
  const page = await bench.open("strict.html");
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  const panel = await viewPanel(page);
  await choose(page, "#photo", await bench.samples.photo());
  await panel.waitFor(/Protecting/);
  await expect.poll(() => panel.box()).toEqual({ width: 340, right: 1100 - 16, bottom: 900 - 16 });
  await panel.press("Cancel");
  await panel.waitUntilGone();
  expect(errors).toEqual([]);
  // Nothing of it stays behind.
  expect(await page.evaluate(() => document.querySelectorAll("[popover]").length)).toBe(0);
});
