/** The package as it would go to a store: small where it is everywhere, narrow in what it may, and complete. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, inject, test } from "vitest";
import { bin, ROOT } from "../../scripts/lib/root.ts";
import { run } from "../../scripts/lib/terminal.ts";
import { listedPatterns } from "../../src/bridge/sites.ts";

const read = (path: string) => readFile(join(inject("extensionDir"), path));
const manifest = async () => JSON.parse((await read("manifest.json")).toString());

test("the content script is under 14 KB compressed", async () => {
  const gzipped = gzipSync(await read("content-scripts/uploads.js"), { level: 9 }).length;
  expect(gzipped).toBeLessThan(14 * 1024);
});

test("the hooks in the page's world are at most 3 KB compressed", async () => {
  const size = gzipSync(await read("content-scripts/page-hooks.js"), { level: 9 }).length;
  expect(size).toBeLessThanOrEqual(3 * 1024);
});

test("the content script says nothing to the page before there is an upload", async () => {
  const script = (await read("content-scripts/uploads.js")).toString();
  expect(script).not.toMatch(/CustomEvent|window\.postMessage|content-script-started/);
  expect((await manifest()).web_accessible_resources).toBeUndefined();
});

test("the content script listens to nothing that could hold up scrolling", async () => {
  const script = (await read("content-scripts/uploads.js")).toString();
  expect(script).toMatch(/["'`]change["'`]/);
  expect(script).not.toMatch(/["'`](wheel|mousewheel|touchstart|touchmove|touchend|scroll)["'`]/);
});

test("it asks for nothing that it does not need", async () => {
  const { permissions, host_permissions, optional_host_permissions } = await manifest();
  expect(permissions.toSorted()).toEqual(["activeTab", "contextMenus", "offscreen", "scripting", "storage"]);
  expect(host_permissions.toSorted()).toEqual(listedPatterns("demo").toSorted());
  expect(optional_host_permissions).toEqual(["*://*/*"]);
});

test("the content scripts run first, in every frame of the listed sites", async () => {
  const { content_scripts: scripts } = await manifest();
  expect(scripts).toHaveLength(2);
  for (const [file, world] of [["uploads.js"], ["page-hooks.js", "MAIN"]]) {
    const script = scripts.find(({ js }: { js: string[] }) => js.includes(`content-scripts/${file}`));
    expect(script).toEqual({
      matches: expect.any(Array),
      js: [`content-scripts/${file}`],
      run_at: "document_start",
      all_frames: true,
      match_about_blank: true,
      match_origin_as_fallback: true,
      ...(world && { world }),
    });
    expect(script.matches.toSorted()).toEqual(listedPatterns("demo").toSorted());
  }
});

test("the surrogates and the tensor backend's binaries are in it", async () => {
  const models = await readdir(join(inject("extensionDir"), "models"));
  expect(models.filter((name) => name.endsWith(".safetensors")).sort()).toEqual([
    "efficientnet-lite0-features.safetensors",
    "efficientnet-lite0.safetensors",
    "mobilenet-v2.safetensors",
  ]);
  const binaries = await readdir(join(inject("extensionDir"), "wasm"));
  expect(binaries).toContain("tfjs-backend-wasm-simd.wasm");
});

test("the decoder of HEIC is a file of its own, as it was published, and in no other", async () => {
  const published = await readFile(join(ROOT, "node_modules/libheif-js/libheif-wasm/libheif-bundle.mjs"));
  expect((await read("codecs/libheif.js")).equals(published)).toBe(true);
  const scripts = (await readdir(inject("extensionDir"), { recursive: true })).filter((path) =>
    path.endsWith(".js"),
  );
  for (const path of scripts.filter((one) => !one.includes("libheif")))
    expect((await read(path)).toString(), path).not.toContain("de265_new_decoder");
});

test("the licences of all that it carries are in it, of models and of codecs inside of binaries too", async () => {
  const text = (await read("licences.txt")).toString();
  for (const carried of [
    "@jsquash/avif",
    "@jsquash/jpeg",
    "@tensorflow/tfjs-core",
    "@tensorflow/tfjs-backend-wasm",
    "jpeg-js",
    "libheif-js",
    "preact",
    "valibot",
    "webextension-polyfill",
    "wxt",
  ])
    expect(text).toMatch(new RegExp(`^${carried} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
  for (const words of [
    "libheif 1.23 with libde265",
    "GNU LESSER GENERAL PUBLIC LICENSE",
    "GNU GENERAL PUBLIC LICENSE",
    "EfficientNet-Lite0, trained on ImageNet-1k",
    "MobileNetV2 1.0, trained on ImageNet-1k",
    "libjpeg-turbo Licenses",
    "Copyright (c) 2010, Google Inc. All rights reserved.",
    "Mozilla Public License",
    "Apache License",
  ])
    expect(text).toContain(words);
});

test("nothing is in it of what only tests may use by its licence", async () => {
  const text = (await read("licences.txt")).toString();
  expect(text).not.toMatch(/^(tinymce|ckeditor5|@ckeditor\/\S+|tldraw|@tldraw\/\S+) \d/m);
});

test("it builds for Firefox: a background page with the document that does the work, and no data collected", async () => {
  const args = [bin("wxt"), "build", "-b", "firefox"];
  const { code, output } = await run(process.execPath, args, { cwd: ROOT, quiet: true });
  expect(code, output).toBe(0);
  const folder = join(ROOT, ".output", "firefox-mv3");
  const built = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  expect(built.background.scripts).toEqual(["background.js"]);
  expect(built.permissions).not.toContain("offscreen");
  expect(built).not.toHaveProperty("message_serialization");
  expect(built.browser_specific_settings.gecko.data_collection_permissions).toEqual({ required: ["none"] });
  expect(await readdir(folder)).toContain("offscreen.html");
  const script = async (pattern: RegExp) => {
    const name = (await readdir(folder, { recursive: true })).find((path) => pattern.test(path));
    return await readFile(join(folder, name ?? ""), "utf8");
  };
  // What starts and ends the worker is the browser's own.
  expect(await script(/^background\.js$/)).toContain("iframe");
  expect(await script(/^background\.js$/)).not.toContain("createDocument");
  expect(await script(/^chunks.offscreen-/)).toContain("frameElement");
  expect(await script(/^chunks.offscreen-/)).not.toContain("window.close");
});
