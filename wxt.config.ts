/** How the extension is built: its manifest, the files it carries, and what differs between browsers. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import preact from "@preact/preset-vite";
import { defineConfig } from "wxt";
import {
  filesOfBrowser,
  namelessScript,
  onlyUsedTokens,
  quietEntry,
  replaceModule,
} from "./scripts/lib/bundle-plugins.ts";
import { OLDEST_FIREFOX } from "./scripts/lib/firefox.ts";
import { createLicenceCollector } from "./scripts/lib/licences.ts";
import { listedPatterns } from "./src/bridge/sites.ts";
import { manifest as strings } from "./src/bridge/strings/extension.ts";

const root = import.meta.dirname;
const licences = createLicenceCollector(["libheif-js"]);

/** Files that are packed as they are: folder in the repository, which of its files, folder in the extension. */
const ASSETS = [
  ["assets/models", /\.(safetensors|json)$/, "models"],
  ["assets/icons", /\.png$/, "icons"],
  ["node_modules/@tensorflow/tfjs-backend-wasm/dist", /\.wasm$/, "wasm"],
  ["node_modules/@tensorflow/tfjs-backend-wasm/wasm-out", /threaded-simd\.js$/, "wasm"],
] as const;

export default defineConfig({
  root,
  imports: false,
  modules: ["@wxt-dev/webextension-polyfill"],
  manifestVersion: 3,
  manifest: ({ browser, mode }) => ({
    ...strings,
    permissions: [
      "storage",
      "scripting",
      "activeTab",
      "contextMenus",
      ...(browser === "firefox" ? [] : ["offscreen"]),
    ],
    host_permissions: listedPatterns(mode),
    optional_host_permissions: ["*://*/*"],
    content_security_policy: {
      extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'",
    },
    ...(browser === "firefox"
      ? {
          browser_specific_settings: {
            gecko: {
              id: "penumbra@penumbra.invalid",
              strict_min_version: `${OLDEST_FIREFOX}.0`,
              data_collection_permissions: { required: ["none"] },
            },
          },
        }
      : {
          // The first version in which messages are cloned, so that files pass as Blobs.
          minimum_chrome_version: "148",
          message_serialization: "structured_clone",
          // Threads in WebAssembly need a cross-origin isolated document.
          cross_origin_embedder_policy: { value: "require-corp" },
          cross_origin_opener_policy: { value: "same-origin" },
        }),
  }),
  hooks: {
    "build:publicAssets"(_, files) {
      for (const [folder, pattern, target] of ASSETS) {
        if (!existsSync(`${root}/${folder}`)) continue;
        for (const name of readdirSync(`${root}/${folder}`).filter((file) => pattern.test(file)))
          files.push({ absoluteSrc: `${root}/${folder}/${name}`, relativeDest: `${target}/${name}` });
      }
      // A file of its own, which a person may replace, as its licence asks for: see assets/codecs/NOTICE.
      files.push({
        absoluteSrc: `${root}/node_modules/libheif-js/libheif-wasm/libheif-bundle.mjs`,
        relativeDest: "codecs/libheif.js",
      });
      files.push({ contents: licences.text(), relativeDest: "licences.txt" });
      files.push({ contents: wasmThread(), relativeDest: "wasm/tfjs-backend-wasm-threaded-simd.worker.js" });
    },
    // Each kilobyte counts in every frame of every page, where the browser's own API does all that is needed.
    "vite:build:extendConfig"(entrypoints, config) {
      if (entrypoints.every(({ type }) => type === "content-script" || type === "unlisted-script")) {
        // 3 % smaller than with the bundler's own.
        config.build = {
          ...config.build,
          minify: "terser",
          terserOptions: {
            ecma: 2020,
            // No statement here is a property that is read for what reading it does.
            compress: { passes: 10, toplevel: true, unsafe_arrows: true, pure_getters: true },
          },
        };
        config.plugins?.unshift(
          quietEntry(),
          replaceModule(
            "@wxt-dev/webextension-polyfill/browser",
            `${root}/node_modules/wxt/dist/browser.mjs`,
          ),
          onlyUsedTokens(
            "/src/bridge/theme.css?inline",
            readFileSync(`${root}/src/page/panel/panel.css`, "utf8"),
          ),
        );
      }
      if (entrypoints.some(({ name }) => name === "page-hooks")) config.plugins?.push(namelessScript());
    },
  },
  vite: ({ browser }) => ({
    plugins: [preact(), filesOfBrowser(browser), licences.plugin],
    // All browsers of the manifests know `light-dark()`; spelt out for older ones it takes twice the room.
    build: { target: "es2024", cssTarget: ["chrome123", "firefox120"] },
  }),
});

/** What each thread of the WASM backend runs: tfjs has it as a string (see src/worker/wasm-threads.ts). */
function wasmThread(): string {
  const { wasmWorkerContents } = createRequire(import.meta.url)(
    "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js",
  );
  return wasmWorkerContents.replace(/\n/g, "\\n");
}
