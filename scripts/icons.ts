/**
 * Draws the icons of the extension, PNGs of all sizes, from their SVG sources in assets/icons with Chromium.
 * To be run after a source was changed: `node scripts/icons.ts`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { ensureBrowser } from "./lib/chromium.ts";
import { ROOT } from "./lib/root.ts";

/** At 16 pixels only the drawing made for it stays sharp. */
const SOURCES = { 16: "penumbra-small.svg", 32: "penumbra.svg", 48: "penumbra.svg", 128: "penumbra.svg" };

const folder = join(ROOT, "assets", "icons");
const browser = await chromium.launch({
  executablePath: (await ensureBrowser()).path,
  args: ["--no-sandbox"],
});
const page = await browser.newPage();
for (const [size, source] of Object.entries(SOURCES)) {
  const svg = readFileSync(join(folder, source), "utf8");
  await page.setViewportSize({ width: Number(size), height: Number(size) });
  await page.setContent(
    `<style>body { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>${svg}`,
  );
  writeFileSync(join(folder, `${size}.png`), await page.screenshot({ omitBackground: true }));
}
await browser.close();
