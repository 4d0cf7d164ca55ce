/** File inputs on a page that looks at everything: what the page and its server get instead of what was chosen. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { ReceivedPart } from "../../scripts/lib/upload-server.ts";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { STRENGTHS } from "../../src/core/contract/protection-request.ts";
import { ENDLESS, FEW_STEPS } from "../support/bench.ts";
import type { Tab } from "../support/browser.ts";
import { inEachBrowser } from "../support/browsers.ts";
import { unprotectable } from "../support/samples.ts";
import { expectOnly, filesOf, witnessOf } from "../support/witness.ts";
import {
  buttons,
  changing,
  done,
  failed,
  figure,
  protectedBefore,
  sendOriginal,
  skip,
  working,
} from "../support/words.ts";
import { evenly, maxDifference, pngChunk, pngOf, segmentsOf, text } from "../unit/core/codecs/pictures.ts";

inEachBrowser((bench) => {
  let tab: Tab;
  beforeEach(async () => {
    tab = await bench.open("hostile.html");
  });

  /** The files of the next upload. */
  const received = async () => filesOf(await bench.server.nextUpload());

  describe("a file input", () => {
    test("gives the page a protected picture and not a byte of the original", async () => {
      // As people have it.
      await bench.browser.change({ steps: null });
      const chosen = await bench.samples.photo();
      await tab.choose("#photos", chosen);
      await tab.panel.waitFor(working("goldfish.jpg"));
      const upload = await bench.server.nextUpload();
      const words = await tab.panel.waitFor(done(1, 1));

      const [file, ...others] = filesOf(upload);
      if (!file) throw new Error("no file arrived");
      expect(others).toEqual([]);
      expect(file.name).toBe("goldfish.jpg");
      expect(file.type).toBe("image/jpeg");
      expect(new TextDecoder().decode(upload[1]?.bytes)).toBe(String(chosen.lastModified));
      await expectOnly(tab, [file], [chosen]);

      expect(sniff(file.bytes).type).toBe("image/jpeg");
      expect(segmentsOf(chosen.bytes, 0xe1)).toHaveLength(1);
      expect(segmentsOf(file.bytes, 0xe1)).toHaveLength(0);
      expect(file.bytes.length / chosen.bytes.length).toBeGreaterThan(0.6);
      expect(file.bytes.length / chosen.bytes.length).toBeLessThan(1.4);

      const [, before, after] = figure.exec(words) ?? [];
      expect(Number(after)).toBeGreaterThan(Number(before));
      expect(Number(after)).toBeGreaterThan(90);
      await tab.panel.waitUntilGone();
    });

    test("tells the page of a choice by one input and one change event, once the file is protected", async () => {
      const chosen = await bench.samples.photo();
      await tab.choose("#photos", chosen);
      const [file] = await received();
      const { events } = await witnessOf(tab);
      const down = events.filter(({ phase }) => phase === 1);
      expect(down.map(({ type, bubbles, composed }) => [type, bubbles, composed])).toEqual([
        ["input", true, true],
        ["change", true, false],
      ]);
      for (const event of events)
        expect(event.files).toEqual([
          {
            name: "goldfish.jpg",
            type: "image/jpeg",
            size: file?.bytes.length,
            lastModified: chosen.lastModified,
          },
        ]);
    });

    test("gives the page a JPEG for a HEIC, even if the input accepts nothing but HEIC", async () => {
      await tab.evaluate(() => document.querySelector("#photos")?.setAttribute("accept", ".heic"));
      const chosen = await bench.samples.fixture("phone.heic");
      await tab.choose("#photos", chosen);
      const [file] = await received();
      expect(file).toMatchObject({ name: "phone.jpg", type: "image/jpeg" });
      expect(sniff(file?.bytes ?? new Uint8Array(0))).toMatchObject({
        type: "image/jpeg",
        width: 60,
        height: 100,
      });
      await expectOnly(tab, [file as ReceivedPart], [chosen]);
      // The popup shows the original too, which browsers cannot decode.
      const outcome = async () => (await bench.browser.status()).last?.outcome;
      await expect.poll(outcome, { timeout: 5000 }).toMatchObject({
        ok: true,
        report: { notices: [{ code: "format-changed" }, { code: "gain-map" }] },
        previews: { before: expect.stringMatching(/^data:image\/webp/) },
      });
    });

    test("gives the page a picture of one colour at once, without what its file hid", async () => {
      await bench.browser.change({ steps: ENDLESS });
      const hidden = pngChunk("tEXt", text("Comment\0hidden"));
      const chosen = await bench.samples.write("spacer.png", pngOf(evenly(1, 1, [0, 0, 0, 0]), 6, [hidden]));
      await tab.choose("#photos", chosen);
      const [file] = await received();
      expect(file).toMatchObject({ name: "spacer.png", type: "image/png" });
      expect(sniff(file?.bytes ?? new Uint8Array(0))).toMatchObject({ width: 1, height: 1 });
      expect(Buffer.from(file?.bytes ?? []).includes("hidden")).toBe(false);
      await expectOnly(tab, [file as ReceivedPart], [chosen]);
    });

    test("keeps the order of several files, protects the pictures and leaves the others untouched", async () => {
      const { photo, text, png, webp } = bench.samples;
      const [goldfish, notes, drawing, sketch] = [await photo(), await text(), await png(), await webp()];
      await tab.choose("#photos", goldfish, notes, drawing, sketch);
      await tab.panel.waitFor(working("1", "2", "3"));
      const files = await received();

      expect(files.map(({ name, type }) => [name, type])).toEqual([
        ["goldfish.jpg", "image/jpeg"],
        ["notes.txt", "text/plain"],
        ["drawing.png", "image/png"],
        ["sketch.webp", "image/webp"],
      ]);
      expect(files[1]?.sha256).toBe(notes.sha256);
      for (const i of [0, 2, 3]) {
        const file = files[i] as ReceivedPart;
        expect(sniff(file.bytes).type).toBe(file.type);
      }
      await expectOnly(tab, files, [goldfish, drawing, sketch]);

      const original = await decode(drawing.bytes, sniff(drawing.bytes));
      const sent = (files[2] as ReceivedPart).bytes;
      const change = maxDifference(original, await decode(sent, sniff(sent)));
      expect(change).toBeGreaterThan(0);
      expect(change).toBeLessThanOrEqual(STRENGTHS.balanced.budget);
      await tab.panel.waitFor(done(3, 3));
    });

    test("passes files as they are when none is a picture, with the person's own events", async () => {
      const chosen = [await bench.samples.text("a.txt"), await bench.samples.text("b.txt")];
      await tab.choose("#photos", ...chosen);
      expect((await received()).map(({ name, sha256 }) => [name, sha256])).toEqual(
        chosen.map(({ name, sha256 }) => [name, sha256]),
      );
      const { events } = await witnessOf(tab);
      expect(events.length).toBeGreaterThan(0);
      for (const event of events) expect(event.trusted).toBe(true);
      expect(await tab.panel.text()).toBe("");
    });

    test("does not protect once more what it protected before, also in another page", async () => {
      const chosen = await bench.samples.photo("once.jpg");
      await tab.choose("#photos", chosen);
      const [first] = await received();
      if (!first) throw new Error("nothing arrived");
      expect(first.sha256).not.toBe(chosen.sha256);
      const again = await bench.samples.write("again.jpg", first.bytes as Uint8Array<ArrayBuffer>);
      const other = await bench.open("hostile.html");
      await other.choose("#photos", again);
      const [second] = await received();
      expect([second?.name, second?.sha256]).toEqual(["again.jpg", first.sha256]);
      await other.panel.waitFor(protectedBefore);
    });

    test("takes another choice in place of the one that is being protected", async () => {
      const before = bench.server.uploads.length;
      await bench.browser.change({ steps: ENDLESS });
      await tab.choose("#photos", await bench.samples.photo("first.jpg"));
      await tab.panel.waitFor("first.jpg");
      await bench.browser.change({ steps: FEW_STEPS });
      await tab.choose("#photos", await bench.samples.photo("second.jpg"));
      expect((await received()).map(({ name }) => name)).toEqual(["second.jpg"]);
      await tab.panel.waitUntilGone();
      expect(bench.server.uploads.length).toBe(before + 1);
      const { events } = await witnessOf(tab);
      expect(events.map(({ type }) => type)).not.toContain("cancel");
    });

    test("is empty after Cancel, which the page hears of, and can be used again", async () => {
      await bench.browser.change({ steps: ENDLESS });
      const before = bench.server.uploads.length;
      const chosen = await bench.samples.photo();
      await tab.choose("#photos", chosen);
      await tab.panel.waitFor(working(chosen.name));
      await tab.panel.press(buttons.cancel);
      await tab.panel.waitUntilGone();
      await bench.browser.change({ steps: FEW_STEPS });
      expect(await tab.evaluate(() => document.querySelector("input")?.files?.length)).toBe(0);
      const { events, hashes } = await witnessOf(tab);
      expect(events.map(({ type, phase, bubbles }) => [type, phase, bubbles])).toEqual([
        ["cancel", 1, true],
        ["cancel", 3, true],
      ]);
      expect(hashes).toEqual({});
      expect(bench.server.uploads.length).toBe(before);

      await tab.choose("#photos", chosen);
      const files = await received();
      expect(files.map(({ name }) => name)).toEqual([chosen.name]);
      await expectOnly(tab, files, [chosen]);
    });

    test("sends the original of one picture among several when the person skips it", async () => {
      await bench.browser.change({ steps: ENDLESS });
      const chosen = [await bench.samples.photo("one.jpg"), await bench.samples.png("two.png")];
      await tab.choose("#photos", ...chosen);
      await tab.panel.waitFor(changing);
      await bench.browser.change({ steps: FEW_STEPS });
      await tab.panel.press(skip);
      const files = await received();
      expect(files.map(({ name }) => name)).toEqual(["one.jpg", "two.png"]);
      expect(files[0]?.sha256).toBe(chosen[0]?.sha256);
      expect(files[1]?.sha256).not.toBe(chosen[1]?.sha256);
      await tab.panel.waitFor(done(1, 2));
    });

    test("asks about each file that cannot be protected, and sends none by itself", async () => {
      const before = bench.server.uploads.length;
      const files = await unprotectable();
      const chosen = await Promise.all(files.map(({ name, bytes }) => bench.samples.write(name, bytes)));
      await tab.choose("#photos", ...chosen);
      for (const { says } of files) await tab.panel.waitFor(says);
      expect(bench.server.uploads.length).toBe(before);
      expect((await witnessOf(tab)).hashes).toEqual({});

      for (const _ of files) {
        await tab.panel.waitFor(sendOriginal);
        expect(bench.server.uploads.length).toBe(before);
        await tab.panel.press(sendOriginal);
      }
      expect((await received()).map(({ name, sha256 }) => [name, sha256])).toEqual(
        chosen.map(({ name, sha256 }) => [name, sha256]),
      );
      await tab.panel.waitUntilGone();
    });

    test("asks before the page gets a picture that is hardly protected, because most of it has even colours", async () => {
      const before = bench.server.uploads.length;
      // So little of it may change that two steps do not always protect it at all.
      await bench.browser.change({ steps: 8 });
      const original = await bench.samples.flat("cartoon.png");
      await tab.choose("#photos", original);
      await tab.panel.waitFor(/Hardly protected\./);
      expect(bench.server.uploads.length).toBe(before);
      expect((await witnessOf(tab)).hashes).toEqual({});
      await tab.panel.press(buttons.use);
      const [file] = await received();
      expect(file?.name).toBe("cartoon.png");
      expect(file?.sha256).not.toBe(original.sha256);
      await tab.panel.waitUntilGone();
    });

    test("gives the page a PNG that is at most 1.4 times as large, also if any change makes it larger", async () => {
      const original = await bench.samples.gradual("gradual.png");
      await tab.choose("#photos", original);
      const [file] = await received();
      expect(file?.sha256).not.toBe(original.sha256);
      expect(file?.bytes.length).toBeLessThanOrEqual(1.4 * original.bytes.length);
      await tab.panel.waitUntilGone();
    });

    test("lets a person try again or cancel when a picture cannot be protected", async () => {
      const before = bench.server.uploads.length;
      const [broken] = await unprotectable();
      if (!broken) throw new Error("nothing to choose");
      await tab.choose("#photos", await bench.samples.write(broken.name, broken.bytes));
      const words = await tab.panel.waitFor(failed);
      const offered = [buttons.retry, sendOriginal, buttons.cancel].map((label) => words.indexOf(label));
      expect(offered[0]).toBeGreaterThan(0);
      expect(offered).toEqual(offered.toSorted((a, b) => a - b));
      await tab.panel.press(buttons.retry);
      await tab.panel.waitFor(failed);
      await tab.panel.press(buttons.cancel);
      await tab.panel.waitUntilGone();
      expect(bench.server.uploads.length).toBe(before);
      const { events } = await witnessOf(tab);
      expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["cancel"]));
    });

    test("leaves a file that a script puts into it to the page, which has it already, and starts no work", async () => {
      const chosen = await bench.samples.photo();
      await tab.evaluate(
        (name, base64) => {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
          const input = document.querySelector("input") as HTMLInputElement;
          input.files = transfer.files;
          input.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
          input.dispatchEvent(new Event("change", { bubbles: true }));
        },
        chosen.name,
        Buffer.from(chosen.bytes).toString("base64"),
      );
      const [file] = await received();
      expect(file?.sha256).toBe(chosen.sha256);
      expect(await tab.panel.text()).toBe("");
      expect((await bench.browser.status()).running).toEqual([]);
    });

    test("protects a picture whose name and type say nothing, and passes other such files as they are", async () => {
      const photo = await bench.samples.photo();
      const chosen = [
        await bench.samples.write("photo.jpg_large", photo.bytes),
        await bench.samples.write("photo", photo.bytes),
        await bench.samples.write("words", new TextEncoder().encode("nothing to see")),
      ];
      await tab.choose("#photos", ...chosen);
      await tab.panel.waitFor(new RegExp(`${working("1", "2")}|${done(2, 2)}`));
      const files = await received();
      expect(files.map(({ name }) => name)).toEqual(chosen.map(({ name }) => name));
      expect(files.map(({ sha256 }, i) => sha256 === chosen[i]?.sha256)).toEqual([false, false, true]);
      await expectOnly(tab, files, chosen.slice(0, 2));
    });

    test("sends no original for clicks that the page makes by itself", async () => {
      const chosen = await bench.samples.photo();
      await tab.choose("#photos", chosen);
      await tab.panel.waitFor(working(chosen.name));
      await tab.evaluate(() => {
        for (const element of document.documentElement.children) {
          for (const type of ["pointerdown", "mousedown", "mouseup", "click"])
            for (let y = innerHeight; y > innerHeight - 200; y -= 4)
              element.dispatchEvent(
                new MouseEvent(type, { bubbles: true, composed: true, clientX: innerWidth - 60, clientY: y }),
              );
          (element as HTMLElement).click?.();
        }
      });
      const [file] = await received();
      expect(file?.sha256).not.toBe(chosen.sha256);
    });
  });

  describe("a file input for a folder", () => {
    test("keeps the places of pictures in the folder", async () => {
      const words = await bench.samples.text("words.txt");
      const folder = { path: join(dirname(words.path), "holiday") };
      await mkdir(join(folder.path, "inner"), { recursive: true });
      const picture = await bench.samples.photo("holiday/inner/fish.jpg");
      await bench.samples.text("holiday/words.txt");
      const placesOn = async (page: Tab) => {
        await page.evaluate(() => document.querySelector("#photos")?.setAttribute("webkitdirectory", ""));
        await page.choose("#photos", folder);
        const files = await received();
        const paths = await page.evaluate(() =>
          [...(document.querySelector("input")?.files ?? [])].map((file) => file.webkitRelativePath),
        );
        return { paths, files };
      };
      const expected = await placesOn(await bench.openPlain("hostile.html"));
      expect(expected.paths.toSorted()).toEqual(["holiday/inner/fish.jpg", "holiday/words.txt"]);
      const { paths, files } = await placesOn(tab);
      expect(paths).toEqual(expected.paths);
      // A form names files of a folder by their places, which only the browser can give them.
      const lastOf = ({ name }: ReceivedPart) => name.split("/").at(-1);
      expect(files.map(lastOf)).toEqual(expected.files.map(lastOf));
      expect(files.map(({ sha256 }) => sha256)).not.toContain(picture.sha256);
    });
  });
});
