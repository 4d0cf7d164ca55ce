/** Finds files, exports and packages that nothing uses: `node scripts/run.mjs knip`, a part of `npm test`. */
import type { KnipConfig } from "knip";

/** What a page loads and imports, as the imports of a module. */
function importsOfPage(html: string): string {
  const scripts = [...html.matchAll(/<script[^>]*\ssrc="(\.[^"]+)"/g)].map(([, path]) => `import "${path}";`);
  const modules = [...html.matchAll(/<script type="module">(.*?)<\/script>/gs)].map(([, text]) => text);
  return [...scripts, ...modules].join("\n");
}

const config: KnipConfig = {
  entry: [
    "entrypoints/**/*.{ts,html}",
    "scripts/*.{ts,mjs}",
    // A build for Firefox takes them for their namesakes.
    "src/**/*.firefox.ts",
    "test/e2e/popup-gallery/index.html",
    "test/pages/**/*.html",
  ],
  project: ["{src,entrypoints,scripts,test,bin}/**/*.{ts,tsx,mjs,html}", "*.ts"],
  paths: { "/src/*": ["./src/*"] },
  compilers: { html: importsOfPage },
  // No component of its own kind is here.
  vue: false,
  // A type may be exported because an exported function takes it.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Of the system.
  ignoreBinaries: ["mkfifo", "Xvfb"],
  ignoreDependencies: [
    // Run by its path.
    "@biomejs/biome",
    // Loaded by a path that is computed, and packed as it is.
    "libheif-js",
  ],
};

export default config;
