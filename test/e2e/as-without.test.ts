/** What honest pages do with a choice, a drop or a paste beside taking the files: it is as without the extension. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { useChromium } from "../support/bench.ts";
import { viewPanel } from "../support/chromium-panel.ts";
import { chooseIn, copyPicture, drop } from "../support/gestures.ts";
import { buttons, failed } from "../support/words.ts";
import { maxDifference } from "../unit/core/codecs/pictures.ts";

const bench = useChromium();

/** What the page wrote down. */
const heardBy = (page: Page) => page.evaluate(() => (window as unknown as { heard: unknown[] }).heard);

/** Opens a page of this body and script with the extension and without. */
async function openBoth(name: string, body: string, script: string): Promise<[mine: Page, plain: Page]> {
  bench.server.publish(
    `/${name}.html`,
    "text/html; charset=utf-8",
    `<!doctype html><title>${name}</title><body>${body}<script>const heard = []; ${script}</script>`.replace(
      "const heard",
      "window.heard",
    ),
  );
  return await Promise.all([bench.open(`${name}.html`), bench.open(`${name}.html`, bench.plain)]);
}

test("the same file chosen again is no new choice", async () => {
  const pages = await openBoth(
    "rechoose",
    "<input type=file id=one><input type=file id=many multiple>",
    `for (const input of document.querySelectorAll("input"))
      for (const type of ["input", "change", "cancel"])
        input.addEventListener(type, () => heard.push([input.id, type, ...[...input.files].map(({ name }) => name)].join()));`,
  );
  const [one, other] = [await bench.samples.photo(), await bench.samples.png()];
  for (const page of pages)
    for (const chosen of [[one], [one], [other], [other], [one]]) {
      const before = (await heardBy(page)).length;
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click("#one")]);
      await chooser.setFiles(chosen.map(({ path }) => path));
      await expect.poll(async () => (await heardBy(page)).length).toBeGreaterThan(before);
      await page.waitForTimeout(50);
    }
  const [mine, plain] = await Promise.all(pages.map(heardBy));
  expect(plain).toContain("one,cancel,goldfish.jpg");
  expect(mine).toEqual(plain);
});

test("a form that is posted right after a drop on its input waits for the picture", async () => {
  const [page] = await openBoth(
    "drop-and-post",
    `<form action=/upload method=post enctype=multipart/form-data>
      <input type=file name=image style="padding: 30px"><button>Send</button></form>`,
    "",
  );
  const chosen = await bench.samples.photo();
  await drop(page, "input", [chosen.path]);
  await page.click("button");
  const [file] = await bench.server.nextUpload();
  expect(file?.name).toBe(chosen.name);
  expect(file?.sha256).not.toBe(chosen.sha256);
});

test("a drop allows and does what the person's own does", async () => {
  const pages = await openBoth(
    "effects",
    "<div id=zone style='width: 300px; height: 100px'>here</div>",
    `zone.ondragover = (event) => event.preventDefault();
     zone.ondrop = (event) => {
       event.preventDefault();
       const { effectAllowed, dropEffect, files, types } = event.dataTransfer;
       heard.push([effectAllowed, dropEffect, files.length, ...types].join());
     };`,
  );
  const chosen = await bench.samples.photo();
  for (const page of pages) {
    await drop(page, "#zone", [chosen.path]);
    await expect.poll(async () => (await heardBy(page)).length).toBe(1);
  }
  const [mine, plain] = await Promise.all(pages.map(heardBy));
  expect(plain).toEqual(["copy,copy,1,Files"]);
  expect(mine).toEqual(plain);
});

test("an element that is dragged within the page stays the page's own", async () => {
  bench.server.publish("/own.png", "image/png", (await bench.samples.png()).bytes);
  const pages = await openBoth(
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
  for (const page of pages) {
    await page.dragAndDrop("#b", "#a");
    await expect.poll(async () => (await heardBy(page)).length).toBe(3);
  }
  const [mine, plain] = await Promise.all(pages.map(heardBy));
  expect(plain).toEqual(["drop,true,0,b", "b,a", "dragend"]);
  expect(mine).toEqual(plain);
});

describe("navigator.clipboard.read()", () => {
  let page: Page;
  beforeAll(async () => {
    [page] = await openBoth(
      "clipboard",
      "<div id=editor contenteditable style='height: 50px'></div>",
      `async function read() {
         for (const item of await navigator.clipboard.read())
           for (const type of item.types)
             heard.push(type, [...new Uint8Array(await (await item.getType(type)).arrayBuffer())].join());
       }
       addEventListener("paste", (event) => { event.preventDefault(); read(); });`,
    );
  });

  test.each(["called by the page itself", "called by the page on a paste"])(
    "%s gives it the protected picture",
    async (way) => {
      const chosen = await bench.samples.png();
      await copyPicture(page, bench.server, chosen);
      await page.evaluate(() => (window as unknown as { heard: unknown[] }).heard.splice(0));
      if (way.endsWith("itself")) await page.evaluate("void read()");
      else {
        await page.focus("#editor");
        await page.keyboard.press("Control+V");
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

test("a frame of a site that is off is protected inside of one that is on", async () => {
  await bench.extension.change({ sites: { "127.0.0.1": false } });
  const query = new URLSearchParams({ kind: "cross-origin", other: bench.server.otherUrl });
  const page = await bench.open(`frames.html?${query}`);
  const frame = page.frames()[1] ?? (await page.waitForEvent("frameattached"));
  const chosen = await bench.samples.photo();
  await frame.waitForSelector("#photos");
  await frame.setInputFiles("#photos", chosen.path);
  const [file] = await bench.server.nextUpload();
  expect(file?.sha256).not.toBe(chosen.sha256);
  await bench.extension.change({ sites: {} });
});
