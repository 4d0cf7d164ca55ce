/**
 * Sets the README's picture from a real run: `node scripts/readme-picture.ts [DEMO_FOLDER]`. Without a folder, the demo
 * protects the sample photograph first. Light and dark, to docs/images/.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { DIFFERENCE_GAIN } from "../src/bridge/difference.ts";
import { ensureBrowser } from "./lib/chromium.ts";
import type { Findings } from "./lib/findings.ts";
import { ROOT } from "./lib/root.ts";
import { fail, run } from "./lib/terminal.ts";

interface Report {
  readonly photos: readonly {
    readonly findings: Findings;
    readonly files: Readonly<Record<"before" | "after" | "difference", string>>;
  }[];
}

function page(folder: string): string {
  const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report;
  const [photo] = report.photos;
  if (!photo) return fail(`There is no photo in ${folder}/report.json.`);
  const { findings, files } = photo;
  const data = (name: string) =>
    `data:image/png;base64,${readFileSync(join(folder, name)).toString("base64")}`;
  const errors = (when: "before" | "after") => `
    <dl>
      <dt>Feature error</dt><dd>${findings.featureError[when].toFixed(3)}</dd>
      <dt>Label error, “${findings.labelName}”</dt><dd>${findings.labelError[when].toFixed(3)}</dd>
      <dt>Bayes error</dt><dd>${findings.bayesError[when].toFixed(3)}</dd>
    </dl>`;
  const panel = (title: string, file: string, below: string) =>
    `<figure><img src="${data(file)}"><figcaption><b>${title}</b>${below}</figcaption></figure>`;
  return `<!doctype html><meta charset="utf-8"><style>
    ${readFileSync(join(ROOT, "src/bridge/theme.css"), "utf8")}
    body { margin: 0; padding: 16px; background: var(--paper); color: var(--ink); font: 13px/1.5 var(--font); }
    main { display: grid; grid-template-columns: repeat(3, 1fr); gap: 12px; }
    figure { margin: 0; overflow: hidden; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
    img { display: block; width: 100%; }
    figcaption { padding: 10px 14px 12px; }
    b { display: block; margin-bottom: 4px; font-size: 15px; }
    dl { display: grid; grid-template-columns: 1fr auto; gap: 0 12px; margin: 0; }
    dt { color: var(--ink-soft); }
    dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 600; text-align: right; }
  </style><main>
    ${panel("Before", files.before, errors("before"))}
    ${panel("After", files.after, errors("after"))}
    ${panel(
      `Difference × ${DIFFERENCE_GAIN}`,
      files.difference,
      `<dl><dt>Largest change</dt><dd>${findings.maxChange}/255</dd>
       <dt>PSNR, SSIM</dt><dd>${findings.psnr.toFixed(1)} dB, ${findings.ssim.toFixed(2)}</dd></dl>`,
    )}
  </main>`;
}

const given = process.argv[2];
const folder = given ?? mkdtempSync(join(tmpdir(), "penumbra-readme-"));
if (!given) {
  const { code } = await run(process.execPath, [
    join(ROOT, "scripts/demo.ts"),
    "--headless",
    "--out",
    folder,
  ]);
  if (code !== 0) fail("The demo failed, so there is nothing to set.");
}
const html = page(folder);
const target = join(ROOT, "docs", "images");
mkdirSync(target, { recursive: true });
const root = process.platform === "linux" && process.getuid?.() === 0;
const browser = await chromium.launch({
  executablePath: (await ensureBrowser()).path,
  args: root ? ["--no-sandbox"] : [],
});
for (const colorScheme of ["light", "dark"] as const) {
  const tab = await browser.newPage({
    viewport: { width: 920, height: 400 },
    deviceScaleFactor: 2,
    colorScheme,
  });
  await tab.setContent(html);
  const path = join(target, `before-after-${colorScheme}.jpg`);
  await tab.locator("body").screenshot({ path, type: "jpeg", quality: 88 });
  console.log(path);
}
await browser.close();
if (!given) rmSync(folder, { recursive: true, force: true });
