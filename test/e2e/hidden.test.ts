/** What a content script cannot see by itself: inputs outside of the document, and handles of files. */
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FEW_STEPS, useChromium } from "../support/bench.ts";
import { inEachBrowser } from "../support/browsers.ts";
import type { Sample } from "../support/samples.ts";
import { WAYS } from "../support/ways.ts";
import { expectOnly, filesOf } from "../support/witness.ts";

type Recorded = readonly [type: string, trusted: boolean, parent: string | null, files: number];

inEachBrowser((bench, { cannot }) => {
  const ways = WAYS.filter((way) => !(way === "in a detached label" && cannot.includes("detached label")));

  test.each(ways)(
    "a file input %s is protected, and even a listener at the input never sees the original",
    async (way) => {
      const tab = await bench.open("hidden.html");
      await tab.evaluate((name) => void Object.assign(window, { way: name }), way);
      const chosen = await bench.samples.png();
      await tab.choose("#open", chosen);
      const received = filesOf(await bench.server.nextUpload());
      expect(received.map(({ name }) => name)).toEqual(["drawing.png"]);
      await expectOnly(tab, received, [chosen]);
      const record = await tab.evaluate(() => (window as unknown as { record: Recorded[] }).record);
      expect(record.map(([type, trusted, , count]) => [type, trusted, count])).toEqual([
        ["input", false, 1],
        ["change", false, 1],
      ]);
      // The page finds its input where it left it.
      if (/clicked|opened/.test(way)) expect(record.map(([, , parent]) => parent)).toEqual([null, null]);
    },
  );

  test("a file in the page's private file system is the page's own", async () => {
    const tab = await bench.open("hidden.html");
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
});

describe("in Chromium, beside the same without the extension", () => {
  let page: Page;
  const bench = useChromium();

  beforeEach(async () => {
    await bench.extension.change({ steps: FEW_STEPS, enabled: true });
    page = await bench.open("hidden.html");
  });

  afterEach(async () => {
    await page.close();
  });

  test("file inputs that no listener of the window hears are as without the extension on a site that is switched off", async () => {
    /** Opens a dialog in one of the page's ways, and chooses in it. */
    const chooseIn = async (from: Page, way: string, chosen: Sample) => {
      await from.evaluate((name) => Object.assign(window, { way: name }), way);
      const [chooser] = await Promise.all([from.waitForEvent("filechooser"), from.click("#open")]);
      await chooser.setFiles(chosen.path);
    };
    const recordOf = (from: Page) => from.evaluate(() => (window as unknown as { record: unknown[] }).record);
    await bench.extension.change({ enabled: false });
    await page.waitForTimeout(300);
    const without = await bench.open("hidden.html", bench.plain);
    for (const way of WAYS) {
      const chosen = await bench.samples.photo(`${way}.jpg`);
      for (const tab of [page, without]) {
        await chooseIn(tab, way, chosen);
        expect((await bench.server.nextUpload())[0]?.sha256).toBe(chosen.sha256);
      }
    }
    expect(await recordOf(page)).toEqual(await recordOf(without));
    await without.close();
  });

  describe("the handle of a file", () => {
    /**
     * A handle as from a file dialog, which cannot be driven here: dropped, so that it is the browser's own and outside
     * of the page's private files; taken before our world is asked, on a page where the site is off.
     */
    async function handleOf(sample: Sample): Promise<void> {
      await bench.extension.change({ enabled: false });
      await page.waitForTimeout(300);
      await page.evaluate(() => {
        const target = window as unknown as { handle: Promise<unknown> };
        target.handle = new Promise((resolve) => {
          document.addEventListener("dragover", (event) => event.preventDefault());
          document.addEventListener("drop", (event) => {
            event.preventDefault();
            const item = event.dataTransfer?.items[0] as unknown as
              | { getAsFileSystemHandle(): Promise<unknown> }
              | undefined;
            resolve(item?.getAsFileSystemHandle());
          });
        });
      });
      const session = await page.context().newCDPSession(page);
      for (const type of ["dragEnter", "dragOver", "drop"] as const)
        await session.send("Input.dispatchDragEvent", {
          type,
          x: 300,
          y: 300,
          data: { items: [], files: [sample.path], dragOperationsMask: 1 },
        });
      await page.evaluate(() => (window as unknown as { handle: unknown }).handle);
    }

    const read = () =>
      page.evaluate(async () => {
        const stolen: string[] = [];
        const proto = Object.prototype as { then?: unknown };
        // Whoever resolves a promise with a file shows it to this.
        // biome-ignore lint/suspicious/noThenProperty: that is the attack
        Object.defineProperty(proto, "then", {
          configurable: true,
          get() {
            if (this instanceof File) stolen.push(`${this.size}`);
            return undefined;
          },
        });
        const { handle } = window as unknown as { handle: Promise<FileSystemFileHandle> };
        const file = await (await handle).getFile();
        delete proto.then;
        const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
        const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
        return { name: file.name, type: file.type, size: file.size, hex, stolen: [...new Set(stolen)] };
      });

    test("gives the page the protected file only, also where the page booby-traps promises", async () => {
      const chosen = await bench.samples.photo();
      await handleOf(chosen);
      expect((await read()).hex).toBe(chosen.sha256);
      await bench.extension.change({ enabled: true });
      await page.waitForTimeout(300);
      const file = await read();
      expect(file.name).toBe("goldfish.jpg");
      expect(file.type).toBe("image/jpeg");
      expect(file.hex).not.toBe(chosen.sha256);
      expect(file.stolen).toEqual([`${file.size}`]);
    });
  });

  test("patched methods and getters of the page's world look and throw like the browser's own", async () => {
    const portrait = () => {
      const natives: [object, string][] = [
        [HTMLElement.prototype, "click"],
        [HTMLInputElement.prototype, "showPicker"],
        [EventTarget.prototype, "dispatchEvent"],
        [HTMLFormElement.prototype, "submit"],
        [FileSystemFileHandle.prototype, "getFile"],
        [Document.prototype, "open"],
        [Document.prototype, "write"],
        [Document.prototype, "writeln"],
        [DataTransferItem.prototype, "webkitGetAsEntry"],
        [File.prototype, "webkitRelativePath"],
        [Function.prototype, "toString"],
      ];
      const attempt = (work: () => unknown) => {
        try {
          return String(work());
        } catch (error) {
          const { name, message, stack } = error as Error;
          return [name, message, /extension:|page-hooks/.test(stack ?? "")];
        }
      };
      return Promise.all(
        natives.map(async ([owner, key]) => {
          const descriptor = Object.getOwnPropertyDescriptor(owner, key) as PropertyDescriptor;
          const native = descriptor.value ?? descriptor.get;
          const called = attempt(() => native.call({}));
          const xml = attempt(() => native.call(new DOMParser().parseFromString("<a/>", "text/xml"), ""));
          const rejected = await Promise.resolve(attempt(() => native.call(null)));
          return {
            key,
            flags: [descriptor.writable, descriptor.enumerable, descriptor.configurable],
            own: Reflect.ownKeys(native).map(String),
            name: native.name,
            length: native.length,
            text: `${native}`,
            text2: Function.prototype.toString.call(native),
            made: attempt(() => new native()),
            called,
            xml,
            rejected,
            bad: attempt(() => document.createElement("div").dispatchEvent(undefined as never)),
          };
        }),
      );
    };
    const without = await bench.open("hidden.html", bench.plain);
    await page.evaluate(() => addEventListener("unhandledrejection", (event) => event.preventDefault()));
    const expected = await without.evaluate(portrait);
    expect(expected).toHaveLength(11);
    expect(await page.evaluate(portrait)).toEqual(expected);
    await without.close();
  });
});
