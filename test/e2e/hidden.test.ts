/** What a content script cannot see by itself: inputs outside of the document, `submit()`, and handles of files. */
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { useBench } from "../support/bench.ts";
import { choose, FEW_STEPS, witnessOf } from "../support/harness.ts";
import type { Sample } from "../support/samples.ts";
import { WAYS } from "../support/ways.ts";

let page: Page;

const bench = useBench();

beforeEach(async () => {
  await bench.extension.change({ steps: FEW_STEPS, enabled: true });
  page = await bench.open("hidden.html");
});

afterEach(async () => {
  await page.close();
});

/** Opens a dialog in one of the page's ways, and chooses in it. */
async function chooseIn(from: Page, way: string, chosen: Sample): Promise<void> {
  await from.evaluate((name) => Object.assign(window, { way: name }), way);
  const [chooser] = await Promise.all([from.waitForEvent("filechooser"), from.click("#open")]);
  await chooser.setFiles(chosen.path);
}

const recordOf = (from: Page) => from.evaluate(() => (window as unknown as { record: unknown[] }).record);

describe("a picture chosen in an input", () => {
  test.each(WAYS)("%s is protected, and even a listener at the input never sees it", async (way) => {
    const chosen = await bench.samples.png();
    await chooseIn(page, way, chosen);
    const [file] = await bench.server.nextUpload();
    expect(file?.name).toBe("drawing.png");
    expect(file?.sha256).not.toBe(chosen.sha256);
    expect(Object.keys((await witnessOf(page)).hashes)).toEqual([file?.sha256]);
    const events = (await recordOf(page)) as [string, boolean, string | null, number][];
    expect(events.map(([type, trusted, , count]) => [type, trusted, count])).toEqual([
      ["input", false, 1],
      ["change", false, 1],
    ]);
    // The page finds its input where it left it.
    if (/clicked|opened/.test(way)) expect(events.map(([, , parent]) => parent)).toEqual([null, null]);
  });

  test("of any of these kinds is as without the extension when the site is switched off", async () => {
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
});

test("a form that a script posts with submit() waits for its picture", async () => {
  const before = bench.server.uploads.length;
  const chosen = await bench.samples.png();
  await choose(page, "#photo", chosen);
  await page.evaluate(() => (document.querySelector("form") as HTMLFormElement).submit());
  const [file] = await bench.server.nextUpload();
  expect(file?.name).toBe("drawing.png");
  expect(file?.sha256).not.toBe(chosen.sha256);
  await page.waitForURL(/upload/);
  await page.waitForTimeout(300);
  expect(bench.server.uploads.length).toBe(before + 1);
});

describe("the file of a handle", () => {
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

  test("is read by us, and the page only gets the protected one", async () => {
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

  test("is the page's own in its private file system", async () => {
    const size = await page.evaluate(async () => {
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

test("what is patched in the page's world looks and throws like the browser's own", async () => {
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
