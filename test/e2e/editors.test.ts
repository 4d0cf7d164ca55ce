/**
 * Editors as they come from npm, and plain editable elements: after a paste or a drop, in a browser with the extension, they hold
 * what they hold without it, but for the colours of pictures.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ReceivedPart, sha256, type UploadServer } from "../../scripts/lib/upload-server.ts";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { STRENGTHS } from "../../src/core/contract/protection-request.ts";
import { startPageServer } from "../pages/server.ts";
import { type Bench, ENDLESS } from "../support/bench.ts";
import type { Tab } from "../support/browser.ts";
import { allInFirefox, inEachBrowser } from "../support/browsers.ts";
import { publishPages } from "../support/built-pages.ts";
import type { Copied } from "../support/gestures.ts";
import { witnessOf } from "../support/witness.ts";
import { maxDifference, pngOf, scene } from "../unit/core/codecs/pictures.ts";

const WAYS = ["picture", "picture with its HTML", "HTML", "table", "drop"] as const;
type Way = (typeof WAYS)[number];

interface Editor {
  /** What is written in; it may be in a frame. */
  readonly area: string;
  readonly isInFrame?: true;
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
  tinymce: { isInFrame: true, area: "body" },
  ckeditor: { area: ".ck-content" },
  excalidraw: { area: "canvas.interactive" },
  tldraw: { area: ".tl-canvas" },
};

/** What a person copied: a table as Excel copies it, with a picture of it. */
async function copiedFor({ samples }: Bench, way: Exclude<Way, "drop">): Promise<Copied> {
  const { bytes } = await samples.png();
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

/** An editor in a browser with the extension or without. */
interface Opened {
  readonly tab: Tab;
  /** The page or the frame that it is in. */
  readonly frame: Tab;
  readonly area: string;
  /** Of this browser, so that what arrives can be told apart. */
  readonly server: UploadServer;
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

async function open(name: string, tab: Tab, server: UploadServer): Promise<Opened> {
  const { isInFrame, area } = EDITORS[name] as Editor;
  const before = server.uploads.length;
  await expect.poll(() => tab.evaluate(() => "content" in window)).toBe(true);
  const frame = isInFrame ? await tab.frame() : tab;
  const uploads = () => server.uploads.slice(before).flat();
  return {
    ...{ tab, frame, area, server, uploads },
    look: async () => ({
      model: withoutPictures(await tab.evaluate(() => (window as unknown as EditorWindow).content()), server),
      shown: (await frame.evaluate(shownIn, area)).map((text) => withoutPictures(text, server)),
      sent: uploads()
        .filter(({ field }) => field === "photo")
        .map(({ name, type }) => ({ name, type })),
    }),
  };
}

function shownIn(selector: string): string[] {
  const area = document.querySelector(selector) as HTMLElement;
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

async function bring(bench: Bench, { tab, frame, area, server }: Opened, way: Way): Promise<void> {
  if (way === "drop") return await frame.drop(area, [await bench.samples.photo()]);
  await tab.copy(server, await copiedFor(bench, way));
  await frame.click(area);
  // ProseMirror puts the caret back to where it had it, 20 ms after it got the focus, if it has not yet heard of the click.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await frame.press("End");
  await new Promise((resolve) => setTimeout(resolve, 100));
  await frame.paste();
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
async function save({ tab, uploads }: Opened): Promise<Uint8Array[]> {
  await tab.click("#save");
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
async function readBy({ tab, frame }: Opened): Promise<{ files: string[]; addresses: string[] }> {
  const watched = [...new Set([tab, frame])].map(async (part) => {
    const { hashes, addresses, looks } = await witnessOf(part);
    expect(looks).toBeGreaterThan(0);
    return { files: Object.keys(hashes), addresses: Object.keys(addresses) };
  });
  const read = await Promise.all(watched);
  return { files: read.flatMap(({ files }) => files), addresses: read.flatMap(({ addresses }) => addresses) };
}

/** What happens in an editor without the extension, and with it too. */
function waysOf(name: string): readonly Way[] {
  const { not, takesPictureOfTable } = EDITORS[name] as Editor;
  return WAYS.filter((way) => way !== not && !(takesPictureOfTable && way === "table"));
}

const IN_FIREFOX = allInFirefox ? Object.keys(EDITORS) : ["plain", "slate"];

inEachBrowser(
  (bench, { name: browser }) => {
    const names = browser === "Firefox" ? IN_FIREFOX : Object.keys(EDITORS);
    let plainServer: UploadServer;

    beforeAll(async () => {
      plainServer = await startPageServer();
      const servers = [bench.server, plainServer];
      await publishPages("editors", servers);
      for (const server of servers) server.publish("/uploaded.png", "image/png", pngOf(scene(8, 8), 2));
    });
    afterAll(() => plainServer?.close());

    const openEditor = async (name: string) =>
      open(name, await bench.open(`editors/${name}.html`), bench.server);
    const openWithout = async (name: string) =>
      open(name, await bench.openPlain(`editors/${name}.html`, plainServer), plainServer);

    test.for(names.filter((name) => EDITORS[name]?.takesPictureOfTable))(
      "%s gets the words of a table at once, and no picture",
      async (name, { expect }) => {
        await bench.browser.change({ steps: ENDLESS });
        const editor = await openEditor(name);
        await bring(bench, editor, "table");
        await expect.poll(async () => (await editor.look()).shown.join()).toMatch(/one.*two.*three.*four/);
        expect(await save(editor)).toEqual([]);
      },
    );

    describe("an editor holds the same as without the extension, the pictures protected", () => {
      const rows = names.flatMap((name) => waysOf(name).map((way) => [name, way] as const));
      test.for(rows)("%s, %s", async ([name, way], { expect }) => {
        const [without, editor] = await Promise.all([openWithout(name), openEditor(name)]);
        const before = await without.look();
        await bring(bench, without, way);
        const expected = await settled(without, before);
        const originals = await save(without);
        // A table does not wait for the picture of it that nobody takes.
        if (way === "table" && originals.length === 0) await bench.browser.change({ steps: ENDLESS });

        await bring(bench, editor, way);
        await expect.poll(() => editor.look()).toEqual(expected);
        const pictures = await save(editor);

        expect(pictures).toHaveLength(originals.length);
        for (const [i, bytes] of pictures.entries()) {
          const original = originals[i] as Uint8Array<ArrayBuffer>;
          const kind = sniff(bytes);
          const difference = maxDifference(
            await decode(original, sniff(original)),
            await decode(bytes, kind),
          );
          expect(difference).toBeGreaterThan(0);
          // A JPEG is compressed once more.
          if (kind.type === "image/png") expect(difference).toBeLessThanOrEqual(STRENGTHS.balanced.budget);
        }
        const { png, photo } = bench.samples;
        // The browser compresses what is copied once more.
        const { files: copied } = await readBy(without);
        const known = [(await png()).sha256, (await photo()).sha256, ...originals.map(sha256), ...copied];
        const { files, addresses } = await readBy(editor);
        for (const hash of [...pictures.map(sha256), ...files, ...addresses])
          expect(known).not.toContain(hash);
        // Nothing came twice meanwhile.
        expect(await editor.look()).toEqual(expected);
      });
    });
  },
  { needs: ["drop", "paste"] },
);
