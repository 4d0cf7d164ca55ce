/**
 * Uploaders and editors as they come from npm, driven through their own interface, in a browser with the extension and in one
 * without: the same files must arrive, but for the bytes of pictures.
 */

import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ReceivedPart, sha256, type UploadServer } from "../../scripts/lib/upload-server.ts";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { STRENGTHS } from "../../src/core/contract/protection-request.ts";
import { startPageServer } from "../pages/server.ts";
import type { Ability, Tab } from "../support/browser.ts";
import { allInFirefox, inEachBrowser } from "../support/browsers.ts";
import { publishPages } from "../support/built-pages.ts";
import type { Sample, Samples } from "../support/samples.ts";
import { witnessOf } from "../support/witness.ts";
import { maxDifference } from "../unit/core/codecs/pictures.ts";

const WAYS = ["pick", "drop", "folder", "paste"] as const;
type Way = (typeof WAYS)[number];

interface Uploader {
  /** What opens its file dialog. */
  readonly pick?: string;
  /** Where files are dropped. */
  readonly drop?: string;
  /** The same, where folders are opened. */
  readonly folder?: string;
  /** It walks through folders by handles where it gets any, which the browser lists in another order from call to call. */
  readonly handles?: true;
  /** What has the focus when a picture is pasted. */
  readonly paste?: string;
  /** Editors take pictures only, one at a time from their dialog, and send them as a part of what was written. */
  readonly editor?: true;
  /** What has to be pressed for files to be sent. */
  readonly send?: string;
}

const UPLOADERS: Readonly<Record<string, Uploader>> = {
  dropzone: { pick: "form", drop: "form", folder: "form" },
  "react-dropzone": { pick: "#zone", drop: "#zone", folder: "#zone", handles: true },
  mantine: {
    pick: ".mantine-Dropzone-root",
    drop: ".mantine-Dropzone-root",
    folder: ".mantine-Dropzone-root",
    handles: true,
  },
  blueimp: { pick: "input", drop: "html", folder: "html" },
  filepond: {
    pick: ".filepond--drop-label label",
    drop: ".filepond--root",
    folder: ".filepond--root",
    paste: "body",
  },
  uppy: {
    pick: ".uppy-Dashboard-browse",
    drop: ".uppy-Dashboard-AddFiles",
    folder: ".uppy-Dashboard-AddFiles",
    paste: ".uppy-Dashboard-browse",
    send: ".uppy-StatusBar-actionBtn--upload",
  },
  "ng2-file-upload": { pick: "input", drop: "#zone" },
  tus: { pick: "input" },
  tiptap: { drop: ".ProseMirror", paste: ".ProseMirror", editor: true, send: "button" },
  quill: { pick: ".ql-image", drop: ".ql-editor", paste: ".ql-editor", editor: true, send: "#save" },
};

interface Run {
  /** Sent side by side, they arrive in any order. */
  readonly files: readonly ReceivedPart[];
  /** What was sent beside the files. */
  readonly fields: readonly (readonly [string, string])[];
  /** The names on the page from top to bottom. */
  readonly shown: readonly string[];
}

/** Brings files into an uploader in one way, in one browser, and says what became of them. */
async function run(
  tab: Tab,
  server: UploadServer,
  name: string,
  way: Way,
  chosen: readonly Sample[],
): Promise<Run> {
  const uploader = UPLOADERS[name] as Uploader;
  const selector = uploader[way] as string;
  const before = server.uploads.length;
  await isThere(tab, selector);
  if (way === "drop") await tab.drop(selector, chosen);
  else if (way === "folder") await tab.drop(selector, [{ path: dirname(chosen[0]?.path ?? "") }]);
  else if (way === "pick") await tab.choose(selector, ...chosen);
  else {
    await tab.copy(server, { "image/png": chosen[0]?.bytes ?? "" });
    await tab.paste(selector);
  }
  if (uploader.editor) {
    const pictures = () => tab.evaluate(() => document.querySelectorAll('img[src^="data:"]').length);
    await expect.poll(pictures).toBeGreaterThanOrEqual(chosen.length);
  }
  if (uploader.send) {
    await isThere(tab, uploader.send);
    await tab.click(uploader.send);
  }
  const parts = () => server.uploads.slice(before).flat();
  const received = () => filesOf(parts());
  await expect.poll(() => received().length, { timeout: 90_000 }).toBeGreaterThanOrEqual(chosen.length);
  const text = await tab.evaluate(() => document.body.innerText);
  const at = ({ name }: Sample) => text.indexOf(name);
  return {
    files: received().sort((a, b) => (a.name < b.name ? -1 : 1)),
    fields: parts()
      .filter(({ field, name }) => field !== "html" && name === "")
      .map(({ field, bytes }) => [field, new TextDecoder().decode(bytes)] as const)
      .sort((a, b) => (`${a}` < `${b}` ? -1 : 1)),
    shown: chosen
      .filter((sample) => at(sample) >= 0)
      .sort((a, b) => at(a) - at(b))
      .map(({ name }) => name),
  };
}

/** Waits until an element is drawn. */
async function isThere(tab: Tab, selector: string): Promise<void> {
  const height = (path: string) => document.querySelector(path)?.getBoundingClientRect().height ?? 0;
  await expect.poll(() => tab.evaluate(height, selector)).toBeGreaterThan(0);
}

/** The files of a form; an editor's are in what was written. */
function filesOf(upload: readonly ReceivedPart[]): ReceivedPart[] {
  return upload.flatMap((part) => {
    if (part.field !== "html") return part.name ? [part] : [];
    const urls = new TextDecoder().decode(part.bytes).matchAll(/"data:([^;"]+);base64,([^"]+)"/g);
    return [...urls].map(([, type = "", data = ""]) => {
      const bytes = new Uint8Array(Buffer.from(data, "base64"));
      return { ...part, type, bytes, sha256: sha256(bytes) };
    });
  });
}

/** Pictures for an editor, one where no more are taken at a time; other files among them for the others. */
async function samplesFor({ photo, png, text }: Samples, way: Way, editor: boolean): Promise<Sample[]> {
  if (way === "folder") {
    await mkdir(join(dirname((await text()).path), "holiday/inner"), { recursive: true });
    return [
      await text("holiday/notes.txt"),
      await photo("holiday/inner/goldfish.jpg"),
      await png("holiday/inner/drawing.png"),
    ];
  }
  if (way === "paste") return [await png()];
  if (editor) return way === "drop" ? [await photo(), await png()] : [await photo()];
  return [await photo(), await text(), await png()];
}

/** In Firefox two of them, which know all ways between them; see {@link allInFirefox}. */
const IN_FIREFOX = allInFirefox ? Object.keys(UPLOADERS) : ["uppy", "quill"];

inEachBrowser((bench, { name: browser, cannot }) => {
  /** Of the browser without the extension, so that both can be driven side by side. */
  let plainServer: UploadServer;

  beforeAll(async () => {
    plainServer = await startPageServer();
    await publishPages("uploaders", [bench.server, plainServer]);
  });
  afterAll(() => plainServer?.close());

  /** Where a form names a file of a folder by its place, only Firefox itself can do so. */
  const nameIn = (path: string, way: Way) =>
    browser === "Firefox" && way === "folder" ? path.split("/").at(-1) : path;

  const ways = WAYS.filter((way) => !cannot.includes(way === "folder" ? "drop" : (way as Ability)));
  const names = browser === "Firefox" ? IN_FIREFOX : Object.keys(UPLOADERS);
  const cases = names.flatMap((name) =>
    ways.filter((way) => way in (UPLOADERS[name] as Uploader)).map((way) => [name, way] as const),
  );

  describe("an uploader gets the same files as without the extension, the pictures protected", () => {
    test.for(cases)("%s, %s", async ([name, way], { expect }) => {
      const chosen = await samplesFor(bench.samples, way, UPLOADERS[name]?.editor === true);
      const path = `uploaders/${name}.html`;
      const [tab, plain] = await Promise.all([bench.open(path), bench.openPlain(path, plainServer)]);
      // By entries, which is how it walks where it gets no handles, there is an order to compare with.
      if (way === "folder" && UPLOADERS[name]?.handles)
        await plain.evaluate(
          () => void Reflect.deleteProperty(DataTransferItem.prototype, "getAsFileSystemHandle"),
        );
      const before = bench.server.uploads.length;
      const [without, got] = await Promise.all([
        run(plain, plainServer, name, way, chosen),
        run(tab, bench.server, name, way, chosen),
      ]);

      const described = ({ files, fields, shown }: Run) => ({
        shown,
        fields,
        files: files.map(({ field, name, type }) => ({ field, name: nameIn(name, way), type })),
      });
      expect(described(got)).toEqual(described(without));
      expect(got.files).toHaveLength(chosen.length);

      const originals = without.files.map((file) => file.sha256);
      for (const [i, file] of got.files.entries()) {
        if (!file.type.startsWith("image/")) {
          expect(file.sha256).toBe(originals[i]);
          continue;
        }
        expect(originals).not.toContain(file.sha256);
        const kind = sniff(file.bytes);
        expect(kind.type).toBe(file.type);
        const original = (without.files[i] as ReceivedPart).bytes;
        const difference = maxDifference(
          await decode(original, sniff(original)),
          await decode(file.bytes, kind),
        );
        expect(difference).toBeGreaterThan(0);
        // A JPEG is compressed once more.
        if (file.type === "image/png") expect(difference).toBeLessThanOrEqual(STRENGTHS.balanced.budget);
      }

      const { hashes: read, looks } = await witnessOf(tab);
      const hashes = { ...read };
      // What stands for a folder itself.
      if (way === "folder") delete hashes[sha256(new Uint8Array())];
      expect(Object.keys(hashes).sort()).toEqual(got.files.map((file) => file.sha256).sort());
      expect(looks).toBeGreaterThan(0);
      // Nothing came twice meanwhile.
      expect(filesOf(bench.server.uploads.slice(before).flat())).toHaveLength(chosen.length);
    });
  });
});
