/** What honest pages do with a choice, a drop or a paste beside taking the files: it is as without the extension. */
import { beforeEach, describe, expect, test } from "vitest";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { type Bench, useChromium } from "../support/bench.ts";
import type { Tab } from "../support/browser.ts";
import { inEachBrowser } from "../support/browsers.ts";
import { viewPanel } from "../support/chromium-panel.ts";
import { chooseIn } from "../support/gestures.ts";
import { buttons, failed } from "../support/words.ts";
import { maxDifference } from "../unit/core/codecs/pictures.ts";

/** What the page wrote down. */
const heardBy = (tab: Tab) => tab.evaluate(() => (window as unknown as { heard: unknown[] }).heard);

/** Lets the server have a page of this body and script. @returns its path */
function publish({ server }: Bench, name: string, body: string, script: string): string {
  server.publish(
    `/${name}.html`,
    "text/html; charset=utf-8",
    `<!doctype html><title>${name}</title><body>${body}<script>window.heard = []; ${script}</script>`,
  );
  return `${name}.html`;
}

/** Opens a page with the extension and without. */
const openBoth = (bench: Bench, path: string): Promise<[mine: Tab, plain: Tab]> =>
  Promise.all([bench.open(path), bench.openPlain(path)]);

inEachBrowser((bench, { name }) => {
  test("the same file chosen again is protected only once, and is what it is without", async () => {
    const path = publish(
      bench,
      "rechoose",
      "<input type=file id=one><input type=file id=many multiple>",
      `for (const input of document.querySelectorAll("input"))
        for (const type of ["input", "change", "cancel"])
          input.addEventListener(type, () => heard.push([input.id, type, ...[...input.files].map(({ name }) => name)].join()));`,
    );
    const pages = await openBoth(bench, path);
    const [one, other] = [await bench.samples.photo(), await bench.samples.png()];
    for (const page of pages)
      for (const chosen of [one, one, other, other, one]) {
        const before = (await heardBy(page)).length;
        await page.choose("#one", chosen);
        await expect.poll(async () => (await heardBy(page)).length).toBeGreaterThan(before);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    const [mine = [], plain = []] = await Promise.all(pages.map(heardBy));
    expect(plain.length).toBeGreaterThanOrEqual(5);
    // Firefox says the same as the first time.
    if (name === "Chromium") expect(plain).toContain("one,cancel,goldfish.jpg");
    expect(mine).toEqual(plain);
  });

  test("a frame of a site that is off is protected inside of one that is on", async () => {
    await bench.browser.change({ sites: { "127.0.0.1": false } });
    const query = new URLSearchParams({ kind: "cross-origin", other: bench.server.otherUrl });
    const frame = await (await bench.open(`frames.html?${query}`)).frame();
    const chosen = await bench.samples.photo();
    await expect.poll(() => frame.evaluate(() => document.querySelector("#photos") !== null)).toBe(true);
    await frame.choose("#photos", chosen);
    const [file] = await bench.server.nextUpload();
    expect(file?.sha256).not.toBe(chosen.sha256);
  });
});

inEachBrowser(
  (bench, { name }) => {
    test("a form that is posted right after a drop on its input waits for the picture", async () => {
      const path = publish(
        bench,
        "drop-and-post",
        `<form action=/upload method=post enctype=multipart/form-data>
          <input type=file name=image style="padding: 30px"><button>Send</button></form>`,
        "",
      );
      const page = await bench.open(path);
      const chosen = await bench.samples.photo();
      await page.drop("input", [chosen]);
      await page.click("button");
      const [file] = await bench.server.nextUpload();
      expect(file?.name).toBe(chosen.name);
      expect(file?.sha256).not.toBe(chosen.sha256);
    });

    test("a drop allows and does what the person's own does", async () => {
      const path = publish(
        bench,
        "effects",
        "<div id=zone style='width: 300px; height: 100px'>here</div>",
        `zone.ondragover = (event) => event.preventDefault();
         zone.ondrop = (event) => {
           event.preventDefault();
           const { effectAllowed, dropEffect, files, types } = event.dataTransfer;
           heard.push([effectAllowed, dropEffect, files.length, ...types].join());
         };`,
      );
      const pages = await openBoth(bench, path);
      const chosen = await bench.samples.photo();
      for (const page of pages) {
        await page.drop("#zone", [chosen]);
        await expect.poll(async () => (await heardBy(page)).length).toBe(1);
      }
      const [mine, plain] = await Promise.all(pages.map(heardBy));
      expect(plain).toEqual(
        name === "Chromium" ? ["copy,copy,1,Files"] : [expect.stringMatching(/^\w+,(copy|move),1,.*Files$/)],
      );
      expect(mine).toEqual(plain);
    });

    test.each([
      ["an input that takes folders", "input"],
      ["an area of the page, which reads its entries", "#zone"],
    ])("a folder dropped on %s comes with all files and their paths", async (_, selector) => {
      const path = publish(
        bench,
        "folders",
        `<input type=file webkitdirectory style="padding: 30px"><div id=zone style="height: 100px">here</div>`,
        `const hear = async (files) => heard.push(...(await Promise.all(files.map(async ([path, file]) =>
           [path, [...new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()))].map((byte) => byte.toString(16).padStart(2, 0)).join("")]
         ))).sort());
         document.querySelector("input").onchange = ({ target }) => hear([...target.files].map((file) => [file.webkitRelativePath, file]));
         zone.ondragover = (event) => event.preventDefault();
         const read = async (entry) => entry.isFile
           ? [[entry.fullPath, await new Promise((resolve, reject) => entry.file(resolve, reject))]]
           : (await Promise.all((await new Promise((resolve, reject) => entry.createReader().readEntries(resolve, reject))).map(read))).flat();
         zone.ondrop = async (event) => {
           event.preventDefault();
           hear(await read(event.dataTransfer.items[0].webkitGetAsEntry()));
         };`,
      );
      const pages = await openBoth(bench, path);
      const folder = await bench.samples.folder("holiday");
      for (const page of pages) {
        await page.drop(selector, [folder]);
        await expect.poll(async () => (await heardBy(page)).length).toBe(3);
      }
      const [mine, plain] = (await Promise.all(pages.map(heardBy))) as [string, string][][];
      const paths = (heard: [string, string][] = []) => heard.map(([path]) => path.replace(/^\//, ""));
      expect(paths(plain)).toEqual(["holiday/inner/drawing.png", "holiday/notes.txt", "holiday/photo.jpg"]);
      expect(paths(mine)).toEqual(paths(plain));
      const unchanged = mine?.map(([, hash], i) => hash === plain?.[i]?.[1]);
      expect(unchanged).toEqual([false, true, false]);
    });

    test("an element that is dragged within the page stays the page's own", async () => {
      bench.server.publish("/own.png", "image/png", (await bench.samples.png()).bytes);
      const path = publish(
        bench,
        "own-drag",
        "<div id=list><img id=a src=own.png width=80 height=60><img id=b src=own.png width=80 height=60></div>",
        `let moved;
         for (const image of document.querySelectorAll("img")) {
           image.ondragstart = (event) => { moved = image; event.dataTransfer.setData("text/plain", image.id); };
           image.ondragover = (event) => event.preventDefault();
           image.ondragend = () => heard.push("dragend");
           image.ondrop = (event) => {
             event.preventDefault();
             image.before(moved);
             heard.push(["drop", event.isTrusted, event.dataTransfer.files.length, event.dataTransfer.getData("text/plain")].join());
             heard.push([...list.children].map(({ id }) => id).join());
           };
         }`,
      );
      const pages = await openBoth(bench, path);
      for (const page of pages) {
        await page.drag("#b", "#a");
        await expect.poll(async () => (await heardBy(page)).length).toBe(3);
      }
      const [mine, plain] = await Promise.all(pages.map(heardBy));
      const drop = name === "Chromium" ? "drop,true,0,b" : expect.stringMatching(/^drop,true,\d,b$/);
      expect(plain).toEqual([drop, "b,a", "dragend"]);
      expect(mine).toEqual(plain);
    });
  },
  { needs: ["drop"] },
);

inEachBrowser(
  (bench) => {
    describe("navigator.clipboard.read()", () => {
      let page: Tab;
      beforeEach(async () => {
        const path = publish(
          bench,
          "clipboard",
          "<button onclick='read()'>Paste</button><div id=editor contenteditable style='height: 50px'></div>",
          `async function read() {
             for (const item of await navigator.clipboard.read())
               for (const type of item.types)
                 heard.push(type, [...new Uint8Array(await (await item.getType(type)).arrayBuffer())].join());
           }
           addEventListener("paste", (event) => { event.preventDefault(); read(); });`,
        );
        page = await bench.open(path);
      });

      test.each(["on a paste", "on a click"])(
        "called by the page %s gives it the protected picture",
        async (way) => {
          const chosen = await bench.samples.png();
          await page.copy(bench.server, { "image/png": chosen.bytes });
          if (way === "on a paste") await page.paste("#editor");
          else {
            await page.click("button");
            await page.allowPaste();
          }
          await expect.poll(async () => (await heardBy(page)).length).toBe(2);
          const [type, bytes] = (await heardBy(page)) as [string, string];
          expect(type).toBe("image/png");
          const got = Uint8Array.from(bytes.split(",").map(Number));
          const difference = maxDifference(
            await decode(chosen.bytes, sniff(chosen.bytes)),
            await decode(got, sniff(got)),
          );
          expect(difference).toBeGreaterThan(0);
        },
      );
    });
  },
  { needs: ["paste"] },
);

describe("in Chromium, by its developer tools", () => {
  const bench = useChromium();

  test("in a document of SVG the panel is drawn, and can be pressed", async () => {
    bench.server.publish(
      "/drawing.svg",
      "image/svg+xml",
      `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400"><foreignObject width="500" height="300"><input xmlns="http://www.w3.org/1999/xhtml" type="file" id="photos"/></foreignObject></svg>`,
    );
    const page = await bench.open("drawing.svg");
    const broken = await bench.samples.write(
      "broken.png",
      Uint8Array.from("\x89PNG\r\n\x1a\n", (letter) => letter.charCodeAt(0)),
    );
    await chooseIn(page, "document.querySelector('input')", broken);
    const panel = await viewPanel(page);
    await panel.waitFor(failed);
    await panel.press(buttons.cancel);
    await panel.waitUntilGone();
    const chosen = await bench.samples.photo();
    await chooseIn(page, "document.querySelector('input')", chosen);
    const size = () =>
      page.evaluate(() => document.querySelector<HTMLInputElement>("#photos")?.files?.[0]?.size);
    await expect.poll(size).toBeGreaterThan(0);
    expect(await size()).not.toBe(chosen.bytes.length);
  });
});
