/**
 * How long a page waits between a choice of files and its own handler of `change` where nothing is to be
 * protected: without the extension, on a site that is switched off, and where it is on but no picture was
 * chosen. The clock of a page ticks in tenths of a millisecond.
 *
 *     npm run bench:change
 */
import { type BrowserContext, chromium } from "playwright-core";
import { launch } from "./lib/browser.ts";
import { ensureBrowser } from "./lib/chromium.ts";
import { buildExtension } from "./lib/extension.ts";
import { startUploadServer } from "./lib/upload-server.ts";

const ROUNDS = 200;

const PAGE = `<!doctype html><input type="file"><script>
  window.waits = [];
  document.querySelector("input").addEventListener("change", (event) => waits.push(performance.now() - event.timeStamp));
</script>`;

const server = await startUploadServer();
server.publish("/", "text/html", PAGE);

const browser = await ensureBrowser();
const { context, worker } = await launch(browser, await buildExtension(), { headless: true });
const plain = await chromium.launchPersistentContext("", {
  executablePath: browser.path,
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});

// 127.0.0.1 is switched off, localhost stays on.
await worker.evaluate(async () => {
  const { local } = (
    globalThis as unknown as { chrome: { storage: { local: { set(items: object): unknown } } } }
  ).chrome.storage;
  await local.set({ settings: { version: 1, sites: { "127.0.0.1": false } } });
});

const open = async (from: BrowserContext, url: string) => {
  const page = await from.newPage();
  await page.goto(url);
  return page;
};
const cases = {
  "without the extension": await open(plain, server.url),
  "on a site that is switched off": await open(context, server.otherUrl),
  "on, but no picture": await open(context, server.url),
};

for (let round = 0; round < ROUNDS; round++)
  for (const page of Object.values(cases))
    await page.setInputFiles("input", {
      name: `notes-${round}.txt`,
      mimeType: "text/plain",
      buffer: Buffer.from("Not a picture."),
    });

console.log(`Milliseconds from a choice to the page's handler of change, ${ROUNDS} rounds in turn:`);
for (const [name, page] of Object.entries(cases)) {
  const waits = await page.evaluate(() => (window as unknown as { waits: number[] }).waits);
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  console.log(
    `${name.padEnd(32)} mean ${mean.toFixed(3)}   longest ${Math.max(...waits).toFixed(1)}   (${waits.length} heard)`,
  );
}

await context.close();
await plain.close();
await server.close();
