/** Inputs in forms, in shadow roots and in frames, and what a form does that is posted before its picture is ready. */
import { beforeEach, describe, expect, test } from "vitest";
import { ENDLESS } from "../support/bench.ts";
import type { Tab } from "../support/browser.ts";
import { inEachBrowser } from "../support/browsers.ts";
import { witnessOf } from "../support/witness.ts";
import { buttons, done, working } from "../support/words.ts";

const SECRETLY = "button[value=secretly]";

/** Enough that a form can be posted before its picture is ready, also on a fast machine. */
const SOME_STEPS = 12;

inEachBrowser((bench) => {
  let tab: Tab;

  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const address = () => tab.evaluate(() => location.href);
  const allowEmpty = () => tab.evaluate(() => document.querySelector("#photo")?.removeAttribute("required"));

  describe("a form", () => {
    beforeEach(async () => {
      await bench.browser.change({ steps: SOME_STEPS });
      tab = await bench.open("form.html");
    });

    test("that a person posts too early waits for its picture and goes out as the person meant", async () => {
      const before = bench.server.uploads.length;
      const chosen = await bench.samples.photo();
      await tab.choose("#photo", chosen);
      await tab.panel.waitFor(working(chosen.name));
      // The input is required and, until the picture is ready, empty.
      await tab.click(SECRETLY);
      await pause(300);
      expect(bench.server.uploads.length).toBe(before);
      expect(await address()).toContain("form.html");

      const received = await bench.server.nextUpload();
      expect(received.map(({ field, name }) => [field, name])).toEqual([
        ["caption", ""],
        ["photo", "goldfish.jpg"],
        ["requestSubmit", ""],
        ["how", ""],
      ]);
      expect(received[1]?.sha256).not.toBe(chosen.sha256);
      expect(new TextDecoder().decode(received[3]?.bytes)).toBe("secretly");
      await expect.poll(address).toMatch(/upload/);
      await pause(500);
      expect(bench.server.uploads.length).toBe(before + 1);
    });

    test("that waits for a picture is not posted when the picture is cancelled", async () => {
      await bench.browser.change({ steps: ENDLESS });
      const before = bench.server.uploads.length;
      const chosen = await bench.samples.photo();
      await allowEmpty();
      await tab.choose("#photo", chosen);
      await tab.panel.waitFor(working(chosen.name));
      await tab.click(SECRETLY);
      await tab.panel.press(buttons.cancel);
      await tab.panel.waitUntilGone();
      await pause(500);
      expect(bench.server.uploads.length).toBe(before);
      expect(await address()).toContain("form.html");
    });

    test("that a script posts with requestSubmit() waits for its picture", async () => {
      const before = bench.server.uploads.length;
      const chosen = await bench.samples.photo();
      await tab.choose("#photo", chosen);
      await tab.panel.waitFor(working(chosen.name));
      await allowEmpty();
      await tab.evaluate(() =>
        HTMLFormElement.prototype.requestSubmit.call(document.forms[0] as HTMLFormElement),
      );
      expect(bench.server.uploads.length).toBe(before);
      const file = (await bench.server.nextUpload()).find(({ field }) => field === "photo");
      expect(file?.name).toBe("goldfish.jpg");
      expect(file?.sha256).not.toBe(chosen.sha256);
    });

    test("that a script posts with requestSubmit() in every event of its input waits for its picture", async () => {
      const chosen = await bench.samples.photo();
      await allowEmpty();
      await tab.evaluate(() => {
        const submit = () =>
          HTMLFormElement.prototype.requestSubmit.call(document.forms[0] as HTMLFormElement);
        for (const type of ["input", "change"])
          document.querySelector("#photo")?.addEventListener(type, submit);
        Object.assign(window, { submit });
      });
      await tab.choose("#photo", chosen);
      await tab.panel.waitFor(working(chosen.name));
      await tab.evaluate(() => (window as unknown as { submit(): void }).submit());
      const received = await bench.server.nextUpload();
      expect(received.find(({ field }) => field === "photo")?.name).toBe("goldfish.jpg");
      for (const { sha256 } of received) expect(sha256).not.toBe(chosen.sha256);
    });

    test("that a script posts with submit() waits for its picture", async () => {
      const before = bench.server.uploads.length;
      const chosen = await bench.samples.png();
      await tab.choose("#photo", chosen);
      await tab.panel.waitFor(working(chosen.name));
      await tab.evaluate(() => HTMLFormElement.prototype.submit.call(document.forms[0] as HTMLFormElement));
      expect(bench.server.uploads.length).toBe(before);
      const file = (await bench.server.nextUpload()).find(({ field }) => field === "photo");
      expect(file?.name).toBe("drawing.png");
      expect(file?.sha256).not.toBe(chosen.sha256);
      await expect.poll(address).toMatch(/upload/);
      await pause(300);
      expect(bench.server.uploads.length).toBe(before + 1);
    });
  });

  describe("a file input in an open shadow root", () => {
    beforeEach(async () => {
      tab = await bench.open("shadow.html");
    });

    test("is protected, and its form waits", async () => {
      const chosen = await bench.samples.photo();
      await tab.choose("photo-picker >>> input", chosen);
      await tab.panel.waitFor(working(chosen.name));
      await tab.click("photo-picker >>> button");
      const [file] = await bench.server.nextUpload();
      expect(file?.name).toBe("goldfish.jpg");
      expect(file?.sha256).not.toBe(chosen.sha256);
    });

    test("tells the page inside of one choice, with its file", async () => {
      const chosen = await bench.samples.photo();
      await tab.choose("photo-picker >>> input", chosen);
      const changes = () => tab.evaluate(() => (window as unknown as { changes: string[][] }).changes);
      await expect.poll(changes).not.toEqual([]);
      expect(await changes()).toEqual([["goldfish.jpg"]]);
      const { hashes } = await witnessOf(tab);
      expect(Object.keys(hashes)).toHaveLength(1);
      expect(hashes).not.toHaveProperty(chosen.sha256);
    });
  });

  test.each(["about:blank", "srcdoc"])("a file input in a frame of %s is protected", async (kind) => {
    tab = await bench.open("hostile.html");
    await tab.evaluate((srcdoc) => {
      const frame = document.createElement("iframe");
      const body =
        '<form action="/upload" method="post" enctype="multipart/form-data"><input type="file" name="photo"></form>';
      if (srcdoc) frame.srcdoc = body;
      // Firefox replaces the first document of a frame when the frame has loaded.
      else
        frame.addEventListener("load", () => {
          if (frame.contentDocument) frame.contentDocument.body.innerHTML = body;
        });
      document.body.append(frame);
    }, kind === "srcdoc");
    const frame = await tab.frame();
    await expect.poll(() => frame.evaluate(() => document.forms.length)).toBe(1);
    const chosen = await bench.samples.photo();
    await frame.choose("input", chosen);
    // The panel is where it can be seen: in the page, not in the frame.
    await tab.panel.waitFor(done(1, 1), 60_000);
    await frame.evaluate(() => document.forms[0]?.submit());
    const [file] = await bench.server.nextUpload();
    expect(file?.name).toBe("goldfish.jpg");
    expect(file?.sha256).not.toBe(chosen.sha256);
  });

  test("the panel can be read and pressed above a modal dialog and under a strict policy, inside of the window", async () => {
    await bench.browser.change({ steps: ENDLESS });
    tab = await bench.open("strict.html");
    const chosen = await bench.samples.photo();
    await tab.choose("#photo", chosen);
    await tab.panel.waitFor(working(chosen.name));
    await expect.poll(() => tab.panel.box()).toEqual({ width: 340, right: 1100 - 16, bottom: 900 - 16 });
    expect(
      await tab.evaluate(() => document.elementFromPoint(1100 - 40, 900 - 40)?.matches(":popover-open")),
    ).toBe(true);
    await tab.panel.press(buttons.cancel);
    await tab.panel.waitUntilGone();
    // The policy forbids the page's own icon.
    expect(tab.errors.filter((text) => !text.includes("data:,"))).toEqual([]);
    // Nothing of it stays behind.
    expect(await tab.evaluate(() => document.querySelectorAll("[popover]").length)).toBe(0);
  });
});
