/**
 * Editors as they come from npm, and plain editable elements: after a paste or a drop, in a browser with the extension, they hold
 * what they hold without it, but for the colours of pictures.
 */
import type { BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ReceivedPart, sha256, type UploadServer } from "../../scripts/lib/upload-server.ts";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { BUDGETS } from "../../src/core/contract/protection-request.ts";
import { startPageServer } from "../pages/server.ts";
import { ENDLESS, FEW_STEPS, useChromium } from "../support/bench.ts";
import { publishPages } from "../support/built-pages.ts";
import { type Copied, copy, drop } from "../support/gestures.ts";
import { witnessOf } from "../support/witness.ts";
import { maxDifference, pngOf, scene } from "../unit/core/codecs/pictures.ts";

const WAYS = ["picture", "picture with its HTML", "HTML", "table", "drop"] as const;
type Way = (typeof WAYS)[number];

interface Editor {
  /** What is written in; it may be in a frame. */
  readonly area: string;
  /** The frame that it is in, where there is one. */
  readonly frame?: string;
  /** In which nothing happens without the extension. */
  readonly not?: Way;
  /** Without the extension it takes the picture of a table, and with it the table's words. */
  readonly takesPictureOfTable?: true;
}

const EDITORS: Readonly<Record<string, Editor>> = {
  plain: { area: "main", not: "drop" },
  beforeinput: { area: "main", not: "drop" },
  slate: { area: "[data-slate-editor]", not: "HTML", takesPictureOfTable: true },
  trix: { area: "trix-editor", takesPictureOfTable: true },
  lexical: { area: "main" },
  prosemirror: { area: ".ProseMirror" },
  tinymce: { frame: "iframe", area: "body" },
  ckeditor: { area: ".ck-content" },
  excalidraw: { area: "canvas.interactive" },
  tldraw: { area: ".tl-canvas" },
};

const bench = useChromium();
/** Of the browser without the extension, so that what arrives can be told apart. */
let plainServer: UploadServer;
const pages: Page[] = [];

beforeAll(async () => {
  plainServer = await startPageServer();
  const servers = [bench.server, plainServer];
  await publishPages("editors", servers);
  for (const server of servers) server.publish("/uploaded.png", "image/png", pngOf(scene(8, 8), 2));
});
beforeEach(() => bench.extension.change({ steps: FEW_STEPS }));
// With a page the work for it ends, for which the next one would wait.
afterEach(() => Promise.all(pages.splice(0).map((page) => page.close())));
afterAll(() => plainServer?.close());

/** What a person copied: a table as Excel copies it, with a picture of it. */
async function copiedFor(way: Exclude<Way, "drop">): Promise<Copied> {
  const { bytes } = await bench.samples.png();
  const picture = `<img src="data:image/png;base64,${Buffer.from(bytes).toString("base64")}" alt="drawing">`;
  switch (way) {
    case "picture":
      return { "image/png": bytes };
    case "picture with its HTML":
      return { "image/png": bytes, "text/html": picture };
    case "HTML":
      return { "text/html": `<p>before ${picture} after</p>` };
    case "table":
      return {
        "text/plain": "one\ttwo\nthree\tfour\n",
        "text/html": "<table><tr><td>one</td><td>two</td></tr><tr><td>three</td><td>four</td></tr></table>",
        "image/png": bytes,
      };
  }
}

/** An editor in one of both browsers. */
interface Opened {
  readonly page: Page;
  readonly area: Locator;
  /** What was uploaded from this page. */
  uploads(): readonly ReceivedPart[];
  /** What it holds, shows and sent, without the bytes of pictures and what follows from these. */
  look(): Promise<Seen>;
}

interface Seen {
  /** What it would save. */
  readonly model: string;
  /** Its text and pictures in the page. */
  readonly shown: readonly string[];
  readonly sent: readonly { name: string; type: string }[];
}

async function open(context: BrowserContext, server: UploadServer, name: string): Promise<Opened> {
  const { frame, area } = EDITORS[name] as Editor;
  const before = server.uploads.length;
  const page = await context.newPage();
  pages.push(page);
  await page.goto(`${server.url}editors/${name}.html`);
  await page.waitForFunction(() => "content" in window);
  const uploads = () => server.uploads.slice(before).flat();
  const locator = (frame ? page.frameLocator(frame) : page).locator(area);
  return {
    page,
    area: locator,
    uploads,
    look: async () => ({
      model: withoutPictures(
        await page.evaluate(() => (window as unknown as EditorWindow).content()),
        server,
      ),
      shown: (await locator.evaluate(shownIn)).map((text) => withoutPictures(text, server)),
      sent: uploads()
        .filter(({ field }) => field === "photo")
        .map(({ name, type }) => ({ name, type })),
    }),
  };
}

function shownIn(area: HTMLElement | SVGElement): string[] {
  const text = area.textContent.replaceAll(/[\s\u200b\u2060\ufeff]+/g, "");
  return [text, ...[...area.querySelectorAll("img")].map(({ src }) => src)];
}

interface EditorWindow {
  /** See test/pages/editors/editor.js. */
  readonly content: () => string;
}

/** Leaves out what may differ: the bytes of pictures, how many these are, and where a server or a page keeps them. */
function withoutPictures(text: string, { url }: UploadServer): string {
  return text
    .replaceAll(url, "/")
    .replaceAll(DATA_URL, "data:$1")
    .replaceAll(/blob:[^"&]+/g, "blob:")
    .replaceAll(/(filesize(?:"|&quot;):)\d+/g, "$1N")
    .replaceAll(/[\d.]+ ?[KM]B/g, "N KB");
}

const DATA_URL = /data:(image\/[\w+.-]+);base64,([\w+/=]+)/g;

async function bring({ page, area }: Opened, server: UploadServer, way: Way): Promise<void> {
  if (way === "drop") return await drop(page, area, [(await bench.samples.photo()).path]);
  await copy(page, server, await copiedFor(way));
  await area.click();
  await page.keyboard.press("Control+V");
}

/** What an editor holds once something has happened to it and nothing more does. */
async function settled(editor: Opened, before: Seen): Promise<Seen> {
  await expect.poll(() => editor.look()).not.toEqual(before);
  let last = await editor.look();
  for (let same = 0; same < QUIET; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = await editor.look();
    same = JSON.stringify(now) === JSON.stringify(last) ? same + 1 : 0;
    last = now;
  }
  return last;
}

/** How many looks in a row must be the same. */
const QUIET = 10;

/** The pictures that the server got, as files or in what was saved. */
async function save({ page, uploads }: Opened): Promise<Uint8Array[]> {
  await page.click("#save");
  await expect.poll(() => uploads().some(({ field }) => field === "html")).toBe(true);
  return uploads().flatMap(({ field, bytes }) =>
    field === "html"
      ? [...new TextDecoder().decode(bytes).matchAll(DATA_URL)].map(([, , data = ""]) =>
          Buffer.from(data, "base64"),
        )
      : [bytes],
  );
}

/** The SHA-256 of all that a page could read, as files, and as addresses in text and in the document. */
async function readBy(page: Page): Promise<{ files: string[]; addresses: string[] }> {
  const watched = page.frames().map(async (frame) => {
    const { hashes, addresses, looks } = await witnessOf(frame);
    expect(looks).toBeGreaterThan(0);
    return { files: Object.keys(hashes), addresses: Object.keys(addresses) };
  });
  const read = await Promise.all(watched);
  return { files: read.flatMap(({ files }) => files), addresses: read.flatMap(({ addresses }) => addresses) };
}

const rows = Object.entries(EDITORS).flatMap(([name, { not, takesPictureOfTable }]) =>
  WAYS.filter((way) => way !== not && !(takesPictureOfTable && way === "table")).map(
    (way) => [name, way] as const,
  ),
);

test.for(Object.keys(EDITORS).filter((name) => EDITORS[name]?.takesPictureOfTable))(
  "%s gets the words of a table at once, and no picture",
  async (name, { expect }) => {
    await bench.extension.change({ steps: ENDLESS });
    const editor = await open(bench.extension.context, bench.server, name);
    await bring(editor, bench.server, "table");
    await expect.poll(async () => (await editor.look()).shown.join()).toMatch(/one.*two.*three.*four/);
    expect(await save(editor)).toEqual([]);
  },
);

describe("an editor holds the same as without the extension, the pictures protected", () => {
  test.for(rows)("%s, %s", async ([name, way], { expect }) => {
    const [without, editor] = await Promise.all([
      open(bench.plain, plainServer, name),
      open(bench.extension.context, bench.server, name),
    ]);
    const before = await without.look();
    await bring(without, plainServer, way);
    const expected = await settled(without, before);
    const originals = await save(without);
    // A table does not wait for the picture of it that nobody takes.
    if (way === "table" && originals.length === 0) await bench.extension.change({ steps: ENDLESS });

    await bring(editor, bench.server, way);
    await expect.poll(() => editor.look()).toEqual(expected);
    const pictures = await save(editor);

    expect(pictures).toHaveLength(originals.length);
    for (const [i, bytes] of pictures.entries()) {
      const original = originals[i] as Uint8Array<ArrayBuffer>;
      const kind = sniff(bytes);
      const difference = maxDifference(await decode(original, sniff(original)), await decode(bytes, kind));
      expect(difference).toBeGreaterThan(0);
      // A JPEG is compressed once more.
      if (kind.type === "image/png") expect(difference).toBeLessThanOrEqual(BUDGETS.balanced);
    }
    const { png, photo } = bench.samples;
    // The browser compresses what is copied once more.
    const { files: copied } = await readBy(without.page);
    const known = [(await png()).sha256, (await photo()).sha256, ...originals.map(sha256), ...copied];
    const { files, addresses } = await readBy(editor.page);
    for (const hash of [...pictures.map(sha256), ...files, ...addresses]) expect(known).not.toContain(hash);
    // Nothing came twice meanwhile.
    expect(await editor.look()).toEqual(expected);
  });
});
