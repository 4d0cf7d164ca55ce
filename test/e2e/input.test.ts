/** File inputs on a page that looks at everything: what the page and its server get instead of what was chosen. */

import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ReceivedPart } from "../../scripts/lib/upload-server.ts";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { BUDGETS } from "../../src/core/contract/protection-request.ts";
import { useBench } from "../support/bench.ts";
import { choose, FEW_STEPS, witnessOf } from "../support/harness.ts";
import { type PanelView, viewPanel } from "../support/panel.ts";
import { type Sample, unprotectable } from "../support/samples.ts";
import { maxDifference, segmentsOf } from "../unit/core/codecs/pictures.ts";

let page: Page;
let panel: PanelView;

const bench = useBench({});

beforeEach(async () => {
  page = await bench.open("hostile.html");
  panel = await viewPanel(page);
});

afterEach(async () => {
  await page.close();
});

/** The files of an upload, without the fields beside them. */
function filesOf(upload: readonly ReceivedPart[]): readonly ReceivedPart[] {
  return upload.filter(({ field }) => field === "photo");
}

/** That the page had nothing but what its server got, in any event or between them. */
async function expectOnly(received: readonly ReceivedPart[], chosen: readonly Sample[]): Promise<void> {
  const { hashes, looks } = await witnessOf(page);
  expect(Object.keys(hashes).sort()).toEqual(received.map(({ sha256 }) => sha256).sort());
  for (const { sha256 } of chosen) expect(hashes).not.toHaveProperty(sha256);
  // A witness that hardly looked would prove nothing.
  expect(looks).toBeGreaterThan(100);
}

describe("a picture chosen on a page that looks at everything", () => {
  test("arrives protected, and the page never sees a byte of the original", async () => {
    const chosen = await bench.samples.photo();
    await choose(page, "#photos", chosen);
    expect(await panel.waitFor(/Protecting/)).toContain("goldfish.jpg");
    const upload = await bench.server.nextUpload();
    const words = await panel.waitFor(/Protected/);

    const [file] = filesOf(upload);
    if (!file) throw new Error("no file arrived");
    expect(filesOf(upload)).toHaveLength(1);
    expect(file.name).toBe("goldfish.jpg");
    expect(file.type).toBe("image/jpeg");
    expect(new TextDecoder().decode(upload[1]?.bytes)).toBe(String(chosen.lastModified));
    await expectOnly([file], [chosen]);

    expect(sniff(file.bytes).type).toBe("image/jpeg");
    expect(segmentsOf(chosen.bytes, 0xe1)).toHaveLength(1);
    expect(segmentsOf(file.bytes, 0xe1)).toHaveLength(0);
    expect(file.bytes.length / chosen.bytes.length).toBeGreaterThan(0.6);
    expect(file.bytes.length / chosen.bytes.length).toBeLessThan(1.4);

    const [, before, after] = /Taken for another picture: ([\d.]+)\s% → ([\d.]+)\s%/.exec(words) ?? [];
    expect(Number(after)).toBeGreaterThan(Number(before));
    expect(Number(after)).toBeGreaterThan(90);
    await panel.waitUntilGone();
  });

  test("is announced by the events of a choice, later and not otherwise", async () => {
    await bench.extension.change({ steps: FEW_STEPS });
    const chosen = await bench.samples.photo();
    await choose(page, "#photos", chosen);
    const [file] = filesOf(await bench.server.nextUpload());
    const { events } = await witnessOf(page);
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
});

describe("several files in one choice", () => {
  test("arrive in their order, pictures protected and others untouched", async () => {
    const chosen = [
      await bench.samples.photo(),
      await bench.samples.text(),
      await bench.samples.png(),
      await bench.samples.webp(),
    ];
    await choose(page, "#photos", ...chosen);
    await panel.waitFor(/Protecting 3 pictures/);
    const received = filesOf(await bench.server.nextUpload());

    expect(received.map(({ name, type }) => [name, type])).toEqual([
      ["goldfish.jpg", "image/jpeg"],
      ["notes.txt", "text/plain"],
      ["drawing.png", "image/png"],
      ["sketch.webp", "image/webp"],
    ]);
    const [jpeg, text, png, webp] = received as [ReceivedPart, ReceivedPart, ReceivedPart, ReceivedPart];
    expect(text.sha256).toBe(chosen[1]?.sha256);
    for (const file of [jpeg, png, webp]) expect(sniff(file.bytes).type).toBe(file.type);
    await expectOnly(
      received,
      chosen.filter((_, i) => i !== 1),
    );

    const drawing = chosen[2] as Sample;
    const original = await decode(drawing.bytes, sniff(drawing.bytes));
    const change = maxDifference(original, await decode(png.bytes, sniff(png.bytes)));
    expect(change).toBeGreaterThan(0);
    expect(change).toBeLessThanOrEqual(BUDGETS.balanced);
    await panel.waitFor(/3 of 3 protected/);
  });

  test("pass as they are when none is a picture, with the person's own events", async () => {
    const chosen = [await bench.samples.text("a.txt"), await bench.samples.text("b.txt")];
    await choose(page, "#photos", ...chosen);
    const received = filesOf(await bench.server.nextUpload());
    expect(received.map(({ name, sha256 }) => [name, sha256])).toEqual(
      chosen.map(({ name, sha256 }) => [name, sha256]),
    );
    const { events } = await witnessOf(page);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) expect(event.trusted).toBe(true);
    expect(await panel.text()).toBe("");
  });
});

test("the pictures of a chosen folder keep their places in it", async () => {
  const words = await bench.samples.text("words.txt");
  const folder = join(dirname(words.path), "holiday");
  await mkdir(join(folder, "inner"), { recursive: true });
  const picture = await bench.samples.photo("holiday/inner/fish.jpg");
  await bench.samples.text("holiday/words.txt");
  const places = async (on: Page) => {
    await on.evaluate(() => document.querySelector("#photos")?.setAttribute("webkitdirectory", ""));
    await on.setInputFiles("#photos", folder);
    const received = filesOf(await bench.server.nextUpload());
    const paths = await on.evaluate(() =>
      [...(document.querySelector("input")?.files ?? [])].map((file) => file.webkitRelativePath),
    );
    return { paths, received };
  };
  const without = await bench.open("hostile.html", bench.plain);
  const expected = await places(without);
  expect(expected.paths.toSorted()).toEqual(["holiday/inner/fish.jpg", "holiday/words.txt"]);
  const { paths, received } = await places(page);
  expect(paths).toEqual(expected.paths);
  // A form names files of a folder by their places, which only the browser can give them.
  const lastOf = ({ name }: ReceivedPart) => name.split("/").at(-1);
  expect(received.map(lastOf)).toEqual(expected.received.map(lastOf));
  expect(received.map(({ sha256 }) => sha256)).not.toContain(picture.sha256);
  await without.close();
});

describe("while a picture is being protected", () => {
  test("another choice takes its place", async () => {
    const before = bench.server.uploads.length;
    await choose(page, "#photos", await bench.samples.photo("first.jpg"));
    await panel.waitFor(/first\.jpg/);
    await choose(page, "#photos", await bench.samples.photo("second.jpg"));
    const received = filesOf(await bench.server.nextUpload());
    expect(received.map(({ name }) => name)).toEqual(["second.jpg"]);
    await panel.waitUntilGone();
    expect(bench.server.uploads.length).toBe(before + 1);
    const { events } = await witnessOf(page);
    expect(events.map(({ type }) => type)).not.toContain("cancel");
  });

  test("Cancel leaves the input empty, tells the page, and it can be used again", async () => {
    await bench.extension.change({ steps: 1000 });
    const before = bench.server.uploads.length;
    const chosen = await bench.samples.photo();
    await choose(page, "#photos", chosen);
    await panel.waitFor(/Protecting/);
    await panel.press("Cancel");
    await panel.waitUntilGone();
    await bench.extension.change({ steps: FEW_STEPS });
    expect(await page.evaluate(() => document.querySelector("input")?.files?.length)).toBe(0);
    const { events, hashes } = await witnessOf(page);
    expect(events.map(({ type, phase, bubbles }) => [type, phase, bubbles])).toEqual([
      ["cancel", 1, true],
      ["cancel", 3, true],
    ]);
    expect(hashes).toEqual({});
    expect(bench.server.uploads.length).toBe(before);

    await choose(page, "#photos", chosen);
    const [file] = filesOf(await bench.server.nextUpload());
    expect(file?.sha256).not.toBe(chosen.sha256);
  });

  test("a person can skip one of several and send its original", async () => {
    await bench.extension.change({ steps: 1000 });
    const chosen = [await bench.samples.photo("one.jpg"), await bench.samples.png("two.png")];
    await choose(page, "#photos", ...chosen);
    await panel.waitFor(/Changing the picture/);
    await bench.extension.change({ steps: FEW_STEPS });
    await panel.press("Send original");
    const received = filesOf(await bench.server.nextUpload());
    expect(received.map(({ name }) => name)).toEqual(["one.jpg", "two.png"]);
    expect(received[0]?.sha256).toBe(chosen[0]?.sha256);
    expect(received[1]?.sha256).not.toBe(chosen[1]?.sha256);
    expect(await panel.waitFor(/1 of 2 protected, 1 sent unchanged/)).toBeTruthy();
  });

  test("the page's own clicks count for nothing", async () => {
    const chosen = await bench.samples.photo();
    await choose(page, "#photos", chosen);
    await panel.waitFor(/Protecting/);
    await page.evaluate(() => {
      for (const element of document.documentElement.children) {
        for (const type of ["pointerdown", "mousedown", "mouseup", "click"])
          for (let y = innerHeight; y > innerHeight - 200; y -= 4)
            element.dispatchEvent(
              new MouseEvent(type, { bubbles: true, composed: true, clientX: innerWidth - 60, clientY: y }),
            );
        (element as HTMLElement).click?.();
      }
    });
    const [file] = filesOf(await bench.server.nextUpload());
    expect(file?.sha256).not.toBe(chosen.sha256);
  });
});

describe("what cannot be protected", () => {
  test("is asked about, one file at a time, and never goes out by itself", async () => {
    const before = bench.server.uploads.length;
    const files = await unprotectable();
    const chosen = await Promise.all(files.map(({ name, bytes }) => bench.samples.write(name, bytes)));
    await choose(page, "#photos", ...chosen);
    for (const { says } of files) await panel.waitFor(says);
    expect(bench.server.uploads.length).toBe(before);
    expect((await witnessOf(page)).hashes).toEqual({});

    for (const _ of files) {
      expect(bench.server.uploads.length).toBe(before);
      await panel.press("Send the original");
    }
    const received = filesOf(await bench.server.nextUpload());
    expect(received.map(({ name, sha256 }) => [name, sha256])).toEqual(
      chosen.map(({ name, sha256 }) => [name, sha256]),
    );
    await panel.waitUntilGone();
  });

  test("can be tried again or cancelled", async () => {
    const before = bench.server.uploads.length;
    const [broken] = await unprotectable();
    if (!broken) throw new Error("nothing to choose");
    await choose(page, "#photos", await bench.samples.write(broken.name, broken.bytes));
    const words = await panel.waitFor(/Not protected/);
    expect(words).toMatch(/Try again.*Send the original.*Cancel/s);
    await panel.press("Try again");
    await panel.waitFor(/Not protected/);
    await panel.press("Cancel");
    await panel.waitUntilGone();
    expect(bench.server.uploads.length).toBe(before);
    const { events } = await witnessOf(page);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["cancel"]));
  });
});

describe("files that a script puts into an input", () => {
  test("are protected too, and not a second time", async () => {
    const chosen = await bench.samples.photo();
    await page.setInputFiles("#photos", {
      name: chosen.name,
      mimeType: "image/jpeg",
      buffer: Buffer.from(chosen.bytes),
    });
    const [file] = filesOf(await bench.server.nextUpload());
    expect(file?.sha256).not.toBe(chosen.sha256);
    await panel.waitUntilGone();

    await page.evaluate(() =>
      document.querySelector("input")?.dispatchEvent(new Event("change", { bubbles: true })),
    );
    const [again] = filesOf(await bench.server.nextUpload());
    expect(again?.sha256).toBe(file?.sha256);
  });
});
