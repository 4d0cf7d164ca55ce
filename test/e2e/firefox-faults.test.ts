/** What goes wrong in Firefox: the cases of `failures.test.ts` and `browser-state.test.ts` that this browser has too, in its own way. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { ENDLESS, FEW_STEPS, useBench } from "../support/bench.ts";
import type { Tab } from "../support/browser.ts";
import { allInFirefox } from "../support/browsers.ts";
import { makeDisk } from "../support/disk.ts";
import { type ExtensionGlobal, type Firefox, openFirefox, openPlainFirefox } from "../support/firefox.ts";
import type { Sample } from "../support/samples.ts";
import { witnessOf } from "../support/witness.ts";
import { buttons, changing, failed, figure } from "../support/words.ts";
import { WRONG_SETTINGS } from "../support/wrong-settings.ts";

const missing = inject("firefox") === undefined;

/** Cases that Firefox has nothing of its own in; see {@link allInFirefox}. */
const rarely = test.skipIf(!allInFirefox);

describe.skipIf(missing)(missing ? "in Firefox, which was not found: set FIREFOX_PATH" : "in Firefox", () => {
  let firefox: Firefox;
  const bench = useBench({
    async open() {
      firefox = await openFirefox({ inPrivate: true });
      return firefox;
    },
    openPlain: openPlainFirefox,
  });

  /** Chooses a picture, which must arrive under its name, and not as it was. */
  async function send(tab: Tab, name: string): Promise<void> {
    const chosen = await bench.samples.png(name);
    await tab.choose("#photos", chosen);
    const [file] = await bench.server.nextUpload();
    expect(file?.name).toBe(name);
    expect(file?.sha256).not.toBe(chosen.sha256);
  }

  /** Chooses a picture whose work does not end by itself for long. @returns a check that nothing of it went out */
  async function begin(tab: Tab, name: string): Promise<() => Promise<void>> {
    await firefox.change({ steps: ENDLESS });
    const before = bench.server.uploads.length;
    await tab.choose("#photos", await bench.samples.png(name));
    await tab.panel.waitFor(changing, 60_000);
    return async () => {
      expect(bench.server.uploads.length).toBe(before);
      expect((await witnessOf(tab)).hashes).toEqual({});
    };
  }

  const closeWorker = () =>
    firefox.inside(async () => {
      const { runtime } = (globalThis as unknown as ExtensionGlobal).browser;
      (await runtime.getBackgroundPage()).document.querySelector("iframe")?.remove();
    });

  /** Begins with a picture, and takes away what works on it: the person reads the words, and trying again works. */
  async function expectAskedAndRetried(name: string, take: () => Promise<unknown>, words: string | RegExp) {
    const tab = await bench.open("hostile.html");
    const expectNothingSent = await begin(tab, name);
    await take();
    await tab.panel.waitFor(words);
    await expectNothingSent();
    await firefox.change({ steps: FEW_STEPS });
    await tab.panel.press(buttons.retry);
    const [file] = await bench.server.nextUpload();
    expect(file?.name).toBe(name);
    expect(file?.sha256).not.toBe((await bench.samples.png(name)).sha256);
  }

  const store = (settings: unknown) =>
    firefox.inside(async (record) => {
      await (globalThis as unknown as ExtensionGlobal).browser.storage.local.set({ settings: record });
    }, settings);

  describe("in the middle of the work", () => {
    test("the worker document is closed: the person is asked, and trying again works", async () => {
      await expectAskedAndRetried("closed.png", closeWorker, new RegExp(`${failed}.*(went away|answer)`));
    });

    rarely("its process is killed: the person is asked, and trying again works", async () => {
      await expectAskedAndRetried("killed.png", () => firefox.crash(), failed);
    });

    rarely("the page is left: its picture is dropped, and the next page does not wait for it", async () => {
      const tab = await bench.open("hostile.html");
      await begin(tab, "left.png");
      await tab.goto("about:blank");
      await firefox.change({ steps: FEW_STEPS });
      await tab.goto(`${bench.server.url}hostile.html`);
      await send(tab, "next.png");
    });
  });

  rarely(
    "where session storage is full, a picture is protected although nothing can be told about it",
    async () => {
      // A report in between would make room.
      await closeWorker();
      const fill = () =>
        firefox.inside(async () => {
          const { session } = (globalThis as unknown as ExtensionGlobal).browser.storage;
          await session.set({ status: 0 });
          for (let size = 10 * 2 ** 20; size >= 1; size = Math.floor(size / 2))
            await session.set({ [`filler ${size}`]: "x".repeat(size) }).catch(() => {});
          // As much as a status takes.
          await session.set({ more: "x".repeat(200) });
        });
      try {
        await expect(fill()).rejects.toThrow("quota");
        await send(await bench.open("hostile.html"), "full.png");
      } finally {
        await firefox.inside(() =>
          (globalThis as unknown as ExtensionGlobal).browser.storage.session.clear(),
        );
      }
    },
  );

  rarely.each(WRONG_SETTINGS)(
    "where the stored settings are %s, pictures are protected as by default",
    async (_, settings) => {
      await store(settings);
      const before = bench.server.uploads.length;
      const tab = await bench.open("hostile.html");
      await tab.choose("#photos", await bench.samples.png("wrong.png"));
      await tab.panel.waitFor(changing, 60_000);
      expect(bench.server.uploads.length).toBe(before);
      expect((await witnessOf(tab)).hashes).toEqual({});
      await store({ steps: FEW_STEPS });
    },
  );

  rarely("where the clock jumps, pictures are protected, and the status is of the last one", async () => {
    const tab = await bench.open("hostile.html");
    const last = async () => (await firefox.status()).last?.fileName;
    for (const [name, years] of [
      ["now.png", 0],
      ["ahead.png", 10],
      ["back.png", -10],
    ] as const) {
      await firefox.inside(async (years) => {
        const { runtime } = (globalThis as unknown as ExtensionGlobal).browser;
        const worker = (await runtime.getBackgroundPage()).document.querySelector("iframe")?.contentWindow;
        const at = worker as unknown as { now?: () => number; Date: DateConstructor } | null | undefined;
        if (!at) return;
        at.now ??= at.Date.now;
        at.Date.now = () => (at.now?.call(at.Date) ?? 0) + years * 365 * 24 * 3600 * 1000;
      }, years);
      await send(tab, name);
      await expect.poll(last).toBe(name);
    }
  });

  rarely(
    "in a private window beside another one, a picture is protected, and the popup is never told of it",
    async () => {
      await firefox.inside(() => {
        const { storage } = (globalThis as unknown as ExtensionGlobal).browser;
        storage.onChanged.addListener((changes) => document.body.append(JSON.stringify(changes)));
      });
      const hidden = await firefox.openPrivate(`${bench.server.url}hostile.html`);
      await send(hidden, "private.png");
      await hidden.close();
      await send(await bench.open("hostile.html"), "beside.png");
      const told = () => firefox.inside(() => document.body.textContent);
      await expect.poll(told).toContain("beside.png");
      expect(await told()).not.toContain("private.png");
    },
  );

  rarely("a file of several megabytes passes", async () => {
    const tab = await bench.open("hostile.html");
    const large = await bench.samples.noisy("large.png");
    await tab.choose("#photos", large);
    const [file] = await bench.server.nextUpload();
    expect(file?.name).toBe("large.png");
    expect(file?.sha256).not.toBe(large.sha256);
    expect(file?.bytes.length).toBeGreaterThan(4 * 2 ** 20);
  });

  rarely(
    "where the settings on the disk are damaged, pictures are protected, and settings can be stored again",
    async () => {
      const profile = await mkdtemp(join(tmpdir(), "penumbra-damaged-"));
      let damaged = await openFirefox({ profile });
      try {
        await damaged.change({ enabled: false });
        await damaged.close();
        const stored = join(profile, "storage/default");
        const files = (await readdir(stored, { recursive: true })).filter((path) =>
          /^moz-extension.*\.sqlite/.test(path),
        );
        expect(files.length).toBeGreaterThan(0);
        for (const file of files) await writeFile(join(stored, file), Buffer.alloc(5000, "damaged"));
        damaged = await openFirefox({ profile });
        const tab = await damaged.open(`${bench.server.url}hostile.html`);
        await tab.choose("#photos", await bench.samples.png("damaged.png"));
        await tab.panel.waitFor(changing, 60_000);
        await damaged.change({ steps: FEW_STEPS });
        await tab.goto("about:blank");
        await tab.goto(`${bench.server.url}hostile.html`);
        await send(tab, "stored-again.png");
      } finally {
        await damaged.close();
        await rm(profile, { recursive: true });
      }
    },
  );

  describe("in the middle of the work, an open page loses the extension, and with it the choice and the panel, and is protected again", () => {
    test.each([
      ["after the extension is reloaded", () => firefox.reload()],
      ["once it is switched off and on", () => firefox.setEnabled(false)],
    ])("%s", async (_, take) => {
      const tab = await bench.open("hostile.html");
      const expectNothingSent = await begin(tab, "dropped.png");
      const { right, bottom } = await tab.panel.box();
      /** What a mouse would meet in the middle of the card. */
      const inTheWay = () =>
        tab.evaluate((x, y) => document.elementFromPoint(x, y)?.localName, right - 100, bottom - 20);
      expect(await inTheWay()).toBe("div");
      await take();
      await expect.poll(inTheWay).not.toBe("div");
      await expectNothingSent();
      await firefox.setEnabled(true);
      await firefox.change({ steps: FEW_STEPS });
      await send(tab, "again.png");
    });
  });
});

describe.skipIf(missing || !allInFirefox)("in Firefox, with a full disk", async () => {
  const disk = missing || !allInFirefox ? undefined : await makeDisk(160);
  afterAll(() => disk?.remove());
  const bench = useBench({
    open: () => openFirefox(disk && { profile: disk.folder }),
    openPlain: openPlainFirefox,
  });

  test.skipIf(!disk)(
    "a picture arrives protected or is asked about, and afterwards all is as before",
    async () => {
      const tab = await bench.open("hostile.html");
      /** Chooses a picture; if it is not asked about, it must arrive, and not as it was. */
      const send = async (picture: Sample) => {
        await tab.choose("#photos", picture);
        const words = await tab.panel.waitFor(new RegExp(`${failed}|${figure.source}`), 120_000);
        if (words.includes(failed)) {
          await tab.panel.press(buttons.cancel);
        } else {
          const [file] = await bench.server.nextUpload();
          expect(file?.name).toBe(picture.name);
          expect(file?.sha256).not.toBe(picture.sha256);
        }
        await tab.panel.waitUntilGone();
        return words;
      };
      await disk?.fill();
      await send(await bench.samples.photo("on-full.jpg"));
      await send(await bench.samples.noisy("large-on-full.png"));
      await disk?.free();
      expect(await send(await bench.samples.photo("afterwards.jpg"))).toMatch(figure);
    },
  );
});
