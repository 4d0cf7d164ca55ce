/** The same in Firefox: its own build of the extension, on the same pages. Each way into a page once, and what is Firefox's own. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { ReceivedPart, UploadServer } from "../../scripts/lib/upload-server.ts";
import type { FinishedJob } from "../../src/bridge/status.ts";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { BUDGETS } from "../../src/core/contract/protection-request.ts";
import { startPageServer } from "../pages/server.ts";
import { type ExtensionGlobal, type Firefox, openFirefox, type Tab } from "../support/firefox.ts";
import { FEW_STEPS, type Witness } from "../support/harness.ts";
import { createSamples, type Sample, type Samples, unprotectable } from "../support/samples.ts";
import { WAYS } from "../support/ways.ts";
import { maxDifference } from "../unit/core/codecs/pictures.ts";

const found = inject("firefox");

/** Seconds without a call after which the browser ends the background page; 30 for people. */
const SLEEP = 12;

describe.skipIf(!found)(found ? "in Firefox" : "in Firefox, which was not found: set FIREFOX_PATH", () => {
  let firefox: Firefox;
  let server: UploadServer;
  let samples: Samples;
  let tab: Tab;

  beforeAll(async () => {
    [firefox, server, samples] = await Promise.all([
      openFirefox(found as NonNullable<typeof found>, { "extensions.background.idle.timeout": SLEEP * 1000 }),
      startPageServer(),
      createSamples(),
    ]);
  });

  afterAll(async () => {
    await firefox?.close();
    await server?.close();
    await samples?.remove();
  });

  beforeEach(async () => {
    await firefox.change({ steps: FEW_STEPS, enabled: true });
  });

  afterEach(async () => {
    await tab?.close();
  });

  async function open(path: string): Promise<Tab> {
    tab = await firefox.open(server.url + path);
    return tab;
  }

  async function witnessed(): Promise<Witness> {
    const end = Date.now() + 10_000;
    for (;;) {
      const witness = await tab.evaluate(
        () => (window as unknown as { witness: Witness & { reads: number } }).witness,
      );
      // Beside those of a choice there are the events of the click that opened the dialog.
      const events = witness.events.filter(({ type }) => ["input", "change", "cancel"].includes(type));
      if (witness.reads === 0) return { ...witness, events };
      if (Date.now() > end) throw new Error("the page does not get done with reading");
    }
  }

  /** The files of the next upload, of which the page had no more than its server got. */
  async function received(...chosen: Sample[]): Promise<readonly ReceivedPart[]> {
    const files = (await server.nextUpload()).filter(({ field }) => field === "photo");
    const { hashes, looks } = await witnessed();
    for (const { sha256 } of chosen) {
      expect(files.map((file) => file.sha256)).not.toContain(sha256);
      expect(hashes).not.toHaveProperty(sha256);
    }
    expect(Object.keys(hashes).sort()).toEqual(files.map(({ sha256 }) => sha256).sort());
    // A witness that hardly looked would prove nothing.
    expect(looks).toBeGreaterThan(50);
    return files;
  }

  async function changeOf(before: Sample, after: ReceivedPart | undefined): Promise<number> {
    if (!after) throw new Error("nothing arrived");
    return maxDifference(
      await decode(before.bytes, sniff(before.bytes)),
      await decode(after.bytes, sniff(after.bytes)),
    );
  }

  describe("files that are chosen", () => {
    test("arrive in their order, pictures protected and others untouched", async () => {
      await open("hostile.html");
      const [photo, text, png, webp] = [
        await samples.photo(),
        await samples.text(),
        await samples.png(),
        await samples.webp(),
      ];
      await tab.choose("#photos", photo, text, png, webp);
      await tab.panel.waitFor(/Protecting 3 pictures/);
      const upload = await server.nextUpload();
      const files = upload.filter(({ field }) => field === "photo");
      expect(files.map(({ name, type }) => [name, type])).toEqual([
        ["goldfish.jpg", "image/jpeg"],
        ["notes.txt", "text/plain"],
        ["drawing.png", "image/png"],
        ["sketch.webp", "image/webp"],
      ]);
      expect(new TextDecoder().decode(upload[1]?.bytes)).toBe(String(photo.lastModified));
      for (const file of files) if (file.name !== text.name) expect(sniff(file.bytes).type).toBe(file.type);
      expect(files[1]?.sha256).toBe(text.sha256);
      expect(await changeOf(png, files[2])).toBeGreaterThan(0);
      expect(await changeOf(png, files[2])).toBeLessThanOrEqual(BUDGETS.balanced);
      const { hashes, events } = await witnessed();
      expect(Object.keys(hashes).sort()).toEqual(files.map(({ sha256 }) => sha256).sort());
      expect(
        events
          .filter(({ phase }) => phase === 1)
          .map(({ type, bubbles, composed }) => [type, bubbles, composed]),
      ).toEqual([
        ["input", true, true],
        ["change", true, false],
      ]);
      await tab.panel.waitFor(/3 of 3 protected/);
    });

    test("are as without the extension where the site is switched off, until it is switched on", async () => {
      await firefox.change({ enabled: false });
      await open("hostile.html");
      const [off, on] = [await samples.photo("off.jpg"), await samples.photo("on.jpg")];
      await tab.choose("#photos", off);
      expect((await server.nextUpload())[0]?.sha256).toBe(off.sha256);
      const { events } = await witnessed();
      expect(events.length).toBeGreaterThan(0);
      for (const { trusted } of events) expect(trusted).toBe(true);
      await firefox.change({ enabled: true });
      await tab.choose("#photos", on);
      expect((await server.nextUpload())[0]?.sha256).not.toBe(on.sha256);
    });

    test("count for nothing when others are chosen meanwhile, or when the person cancels", async () => {
      await open("hostile.html");
      await firefox.change({ steps: 1000 });
      await tab.choose("#photos", await samples.photo("first.jpg"));
      await tab.panel.waitFor(/first\.jpg/);
      await tab.choose("#photos", await samples.photo("second.jpg"));
      await tab.panel.waitFor(/second\.jpg/);
      await tab.panel.press("Cancel");
      await tab.panel.waitUntilGone();
      await expect
        .poll(async () => (await witnessed()).events.map(({ type, phase }) => [type, phase]))
        .toEqual([
          ["cancel", 1],
          ["cancel", 3],
        ]);
      expect((await witnessed()).hashes).toEqual({});
      await firefox.change({ steps: FEW_STEPS });
      const third = await samples.png("third.png");
      await tab.choose("#photos", third);
      expect((await received(third)).map(({ name }) => name)).toEqual(["third.png"]);
    });

    test("are asked about when they cannot be protected, and go out when the person says so", async () => {
      await open("hostile.html");
      const before = server.uploads.length;
      const files = await unprotectable();
      const chosen = await Promise.all(files.map(({ name, bytes }) => samples.write(name, bytes)));
      await tab.choose("#photos", ...chosen);
      for (const { says } of files) await tab.panel.waitFor(says);
      expect((await witnessed()).hashes).toEqual({});
      await tab.panel.press("Try again");
      for (const _ of files) {
        await tab.panel.waitFor(/Send the original/);
        expect(server.uploads.length).toBe(before);
        await tab.panel.press("Send the original");
      }
      const sent = (await server.nextUpload()).filter(({ field }) => field === "photo");
      expect(sent.map(({ name, sha256 }) => [name, sha256])).toEqual(
        chosen.map(({ name, sha256 }) => [name, sha256]),
      );
    });
  });

  test("the panel is drawn above everything, inside of the window", async () => {
    await open("strict.html");
    await firefox.change({ steps: 1000 });
    await tab.choose("#photo", await samples.photo());
    await tab.panel.waitFor(/Changing the picture/);
    await expect
      .poll(() => tab.panel.box())
      .toMatchObject({ width: 340, right: 1100 - 16, bottom: 900 - 16 });
    expect(
      await tab.evaluate(() => document.elementFromPoint(1100 - 40, 900 - 40)?.matches(":popover-open")),
    ).toBe(true);
    await tab.panel.press("Cancel");
    await tab.panel.waitUntilGone();
  });

  describe("a picture chosen in an input", () => {
    // In Firefox, with or without the extension, a label outside of the document opens nothing.
    test.each(WAYS.filter((way) => way !== "in a detached label"))(
      "%s is protected, and even a listener at the input never sees it",
      async (way) => {
        await open("hidden.html");
        await tab.evaluate((name) => void Object.assign(window, { way: name }), way);
        const chosen = await samples.png();
        await tab.choose("#open", chosen);
        expect((await received(chosen)).map(({ name }) => name)).toEqual(["drawing.png"]);
        const record = await tab.evaluate(() => (window as unknown as { record: unknown[][] }).record);
        expect(record.map(([type, trusted, , count]) => [type, trusted, count])).toEqual([
          ["input", false, 1],
          ["change", false, 1],
        ]);
      },
    );

    test("in an open shadow root is protected, and its form waits", async () => {
      await open("shadow.html");
      const chosen = await samples.photo();
      await tab.choose("photo-picker >>> input", chosen);
      await tab.click("photo-picker >>> button");
      const [file] = await server.nextUpload();
      expect(file?.name).toBe("goldfish.jpg");
      expect(file?.sha256).not.toBe(chosen.sha256);
    });

    test.each(["about:blank", "srcdoc"])("in a frame of kind %s is protected", async (kind) => {
      await open("hostile.html");
      await tab.evaluate((srcdoc) => {
        const frame = document.createElement("iframe");
        const body =
          '<form action="/upload" method="post" enctype="multipart/form-data"><input type="file" name="photo"></form>';
        if (srcdoc) frame.srcdoc = body;
        document.body.append(frame);
        if (!srcdoc && frame.contentDocument) frame.contentDocument.body.innerHTML = body;
      }, kind === "srcdoc");
      const frame = await tab.frame();
      await expect.poll(() => frame.evaluate(() => document.forms.length)).toBe(1);
      const chosen = await samples.photo();
      await frame.choose("input", chosen);
      // The panel is where it can be seen: in the page, not in the frame.
      await tab.panel.waitFor(/Protected/);
      await frame.evaluate(() => document.forms[0]?.submit());
      const [file] = await server.nextUpload();
      expect(file?.name).toBe("goldfish.jpg");
      expect(file?.sha256).not.toBe(chosen.sha256);
    });
  });

  describe("a form posted too early waits for its picture", () => {
    test.each([
      ["by a person", () => tab.click("button[value=secretly]")],
      ["with submit()", () => tab.evaluate(() => HTMLFormElement.prototype.submit.call(document.forms[0]))],
      [
        "with requestSubmit()",
        () =>
          tab.evaluate(() => {
            document.querySelector("#photo")?.removeAttribute("required");
            HTMLFormElement.prototype.requestSubmit.call(document.forms[0]);
          }),
      ],
    ])("%s", async (_, post) => {
      await open("form.html");
      const before = server.uploads.length;
      const chosen = await samples.photo();
      await tab.choose("#photo", chosen);
      // The dialog is answered a moment before the choice is heard of.
      await tab.panel.waitFor(/Protecting/);
      await post();
      expect(server.uploads.length).toBe(before);
      const file = (await server.nextUpload()).find(({ field }) => field === "photo");
      expect(file?.name).toBe("goldfish.jpg");
      expect(file?.sha256).not.toBe(chosen.sha256);
    });
  });

  test("a file in the page's private file system is the page's own", async () => {
    await open("hidden.html");
    const size = await tab.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const handle = await root.getFileHandle("own.jpg", { create: true });
      const stream = await handle.createWritable();
      await stream.write(new Uint8Array([1, 2, 3]));
      await stream.close();
      return (await handle.getFile()).size;
    });
    expect(size).toBe(3);
  });

  describe("the background page", () => {
    test("stays awake as long as there is work", async () => {
      await firefox.change({ steps: 1000 });
      await open("hostile.html");
      await tab.choose("#photos", await samples.photo());
      await tab.panel.waitFor(/Changing the picture/);
      await new Promise((resolve) => setTimeout(resolve, 2000 * SLEEP));
      expect(await tab.panel.text()).not.toMatch(/Not protected/);
    });

    test("is ended in the middle of the work: the person is asked, and trying again works", async () => {
      await firefox.change({ steps: 1000 });
      await open("hostile.html");
      const before = server.uploads.length;
      const chosen = await samples.photo("again.jpg");
      await tab.choose("#photos", chosen);
      await tab.panel.waitFor(/Changing the picture/);
      await firefox.stopBackground();
      await tab.panel.waitFor(/Not protected\. .*(went away|answer)/);
      expect(server.uploads.length).toBe(before);
      expect((await witnessed()).hashes).toEqual({});
      await firefox.change({ steps: FEW_STEPS });
      await tab.panel.press("Try again");
      expect((await received(chosen)).map(({ name }) => name)).toEqual(["again.jpg"]);
    });

    test("hears how the work ended, for the popup", async () => {
      await open("hostile.html");
      await tab.choose("#photos", await samples.photo("seen.jpg"));
      await server.nextUpload();
      const last = () =>
        firefox.inside.evaluate(async () => {
          const { session } = (globalThis as unknown as ExtensionGlobal).browser.storage;
          return ((await session.get("status")).status as { last?: FinishedJob } | undefined)?.last;
        });
      await expect.poll(async () => (await last())?.fileName).toBe("seen.jpg");
      expect((await last())?.outcome).toMatchObject({ ok: true });
    });
  });
});
