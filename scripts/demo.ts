/**
 * `npm run demo`: a real browser with the extension uploads real photographs to a site on this machine. With a screen the
 * browser stays open; without one (or with --headless) it posts by itself, and everything that arrived is measured.
 */

import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, parse, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { BrowserContext, Page, Worker } from "playwright-core";
import { DIFFERENCE_GAIN } from "../src/bridge/difference.ts";
import { fileSize, percent } from "../src/bridge/format.ts";
import type { Measured } from "../src/bridge/outcome.ts";
import type { Status } from "../src/bridge/status.ts";
import { problemText } from "../src/bridge/strings/problems.ts";
import { headline } from "../src/bridge/strings/results.ts";
import type { ProtectionReport } from "../src/core/contract/protected-picture.ts";
import { DEFAULT_REQUEST } from "../src/core/contract/protection-request.ts";
import { type Launched, launch } from "./lib/browser.ts";
import { ensureBrowser } from "./lib/chromium.ts";
import { buildExtension } from "./lib/extension.ts";
import { examine, type Findings } from "./lib/findings.ts";
import { ROOT } from "./lib/root.ts";
import { bar, fail, live, paint, rewrite } from "./lib/terminal.ts";
import { sha256 } from "./lib/upload-server.ts";
import { type ReceivedFile, startUploadSite, type UploadSite } from "./lib/upload-site.ts";

const HELP = `Usage: npm run demo [-- [OPTIONS] PHOTO...]

Builds Penumbra, opens a browser with it on an upload page that runs on this machine, and shows what arrives.

  PHOTO...          JPEG, PNG or WebP files; without any, a photograph that comes with Penumbra
  --headless        no window: choose the photo, post it, print the figures and end
                    (by itself where there is no display)
  --out DIR         where pictures and report.json go (default: penumbra-demo/DATE-TIME)
  --extension DIR   a built extension instead of building one
  --help            this text

CHROME_PATH names the browser's program if it is not found by itself.`;

const SAMPLE = join(ROOT, "demo", "photos", "coffee.png");
/** A photo that is not ready after this long never will be. */
const PATIENCE = 15 * 60_000;
/** How long the extension may take to show that it has taken the photo. */
const NOTICE = 60_000;

interface Photo {
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

interface Entry {
  readonly file: string;
  readonly findings: Findings;
  /** Whether any script of the page ever got hold of the original. */
  readonly pageSawOriginal: boolean;
  readonly looksIntoTheForm: number;
  /** From choosing the photo to the page having the protected one; only when the demo chose it. */
  readonly seconds?: number;
  /** What the extension says of its own work, for comparison. */
  readonly extensionReport?: ProtectionReport;
  readonly files: Readonly<Record<"received" | "before" | "after" | "difference", string>>;
}

/** One run of the demo: where it happens and what it has recorded so far. */
interface Run {
  readonly site: UploadSite;
  readonly photos: readonly Photo[];
  /** Folder for the pictures and the report. */
  readonly out: string;
  readonly entries: Entry[];
}

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        headless: { type: "boolean", default: false },
        out: { type: "string" },
        extension: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    return { ...values, photos: positionals };
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${HELP}`);
  }
}

function readPhoto(path: string): Photo {
  const full = resolve(process.env.INIT_CWD ?? process.cwd(), path);
  try {
    if (!statSync(full).isFile()) return fail(`${path} is not a file.`);
    const bytes = new Uint8Array(readFileSync(full));
    return { path: full, name: basename(full), bytes, sha256: sha256(bytes) };
  } catch {
    return fail(`${path} cannot be read.`);
  }
}

const hasDisplay = () =>
  process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

function timestamp(): string {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

function row(name: string, value: string): void {
  console.log(`  ${paint("dim", name.padEnd(16))}${value}`);
}

/** What the extension says is going on; undefined while its service worker sleeps. */
async function status(worker: Worker): Promise<Status | undefined> {
  const stored = worker.evaluate('chrome.storage.session.get("status")') as Promise<{ status?: Status }>;
  return stored.then(({ status }) => status).catch(() => undefined);
}

/** The extension's own report on what it finished after a moment; it is filed shortly after the page has the picture. */
async function reportSince(moment: number, worker: Worker): Promise<ProtectionReport | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    const last = (await status(worker))?.last;
    if (last && last.finishedAt >= moment) return last.outcome.ok ? last.outcome.report : undefined;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return undefined;
}

const isReady = (page: Page) =>
  page
    .locator("form.ready")
    .isVisible({ timeout: 1000 })
    .catch(() => false);

/** Puts a photo into the page's file input and waits until the page has something to post. */
async function choose(page: Page, worker: Worker, photo: Photo): Promise<number> {
  const start = performance.now();
  const startedAt = Date.now();
  let taken = false;
  if (!live) console.log("  Protecting ...");
  await page.setInputFiles("#photo", photo.path);
  while (!(await isReady(page))) {
    const now = await status(worker);
    const job = now?.running[0];
    const last = now?.last;
    if (job) taken = true;
    if (last && last.finishedAt >= startedAt && !last.outcome.ok)
      throw new Error(`Penumbra could not protect ${photo.name}: ${problemText(last.outcome.problem)}`);
    const waited = performance.now() - start;
    if (!taken && waited > NOTICE) throw new Error(`Penumbra did not take ${photo.name} from the page.`);
    if (waited > PATIENCE) throw new Error(`${photo.name} was not ready after ${PATIENCE / 60_000} minutes.`);
    const fraction = job?.progress.fraction ?? 0;
    rewrite(`  Protecting      ${bar(fraction)} ${percent(fraction)}`);
    await page.waitForTimeout(150);
  }
  rewrite("");
  return (performance.now() - start) / 1000;
}

/** The figures of the received file in the form of a report. */
function measured({ bayesError, featureError, labelError, labelName }: Findings): Measured {
  return {
    objective: DEFAULT_REQUEST.objective,
    featureErrorBefore: featureError.before,
    featureErrorAfter: featureError.after,
    labelErrorBefore: labelError.before,
    labelErrorAfter: labelError.after,
    labelName,
    bayesErrorBefore: bayesError.before,
    bayesErrorAfter: bayesError.after,
  };
}

/** The same figures for the terminal and for the page. */
function figures(findings: Findings): [string, string][] {
  const { maxChange, psnr, ssim, bayesError, featureError, labelError, labelName, received } = findings;
  const encoder = received.type === "image/png" ? "" : "  (the file format’s own rounding included)";
  const arrow = ({ before, after }: { before: number; after: number }) =>
    `${percent(before)} → ${percent(after)}`;
  return [
    ["Result", headline({ ...measured(findings), notices: [] })],
    ["Largest change", `${maxChange}/255${encoder}`],
    ["PSNR", `${psnr.toFixed(1)} dB`],
    ["SSIM", ssim.toFixed(3)],
    ["Feature error", arrow(featureError)],
    ["Label error", `${arrow(labelError)}  (“${labelName}”)`],
    ["Bayes error", arrow(bayesError)],
  ];
}

function printReceived(file: ReceivedFile): void {
  console.log(`\n${paint("bold", "What the server received")}`);
  row("File", `${file.name}, ${file.type}, ${fileSize(file.bytes.length)}`);
  row("SHA-256", file.sha256);
}

function printEntry(entry: Entry): void {
  const { findings } = entry;
  row("Original", findings.original.sha256);
  const protectedOnly = !findings.isOriginal && !entry.pageSawOriginal;
  const mark = protectedOnly ? paint("green", "✓") : paint("red", "✗");
  const bytes = findings.isOriginal
    ? "This IS the original."
    : `Not the original: ${percent(findings.changedPixels)} of its pixels differ.`;
  const page = entry.pageSawOriginal
    ? "The page’s script saw the original."
    : `The page’s script looked into the form ${entry.looksIntoTheForm.toLocaleString("en")} times and never saw the original.`;
  row("", `${mark} ${bytes}`);
  row("", `${mark} ${page}`);
  console.log(
    `\n${paint("bold", "What became of it")}, measured on the received file with Penumbra’s built-in network`,
  );
  for (const [name, value] of figures(findings)) row(name, value);
  const work = entry.extensionReport;
  const how = work ? ` (${work.steps} steps on ${work.backend})` : "";
  if (entry.seconds !== undefined) row("Time", `${entry.seconds.toFixed(1)} s from choosing to ready${how}`);
}

/** Measures what arrived, writes its pictures, and tells the page. */
async function account(
  file: ReceivedFile,
  photo: Photo,
  { site, out, entries }: Run,
  more: Pick<Entry, "seconds" | "extensionReport"> = {},
): Promise<Entry> {
  site.note(file.id, { pending: true, originalSha256: photo.sha256 });
  try {
    const { findings, pictures } = await examine(photo.bytes, file.bytes);
    mkdirSync(out, { recursive: true });
    const stem = uniqueStem(file.name, entries);
    const write = (suffix: string, bytes: Uint8Array) => {
      const name = `${stem}-${suffix}`;
      writeFileSync(join(out, name), bytes);
      return name;
    };
    const files = {
      received: write(`received${parse(file.name).ext}`, file.bytes),
      before: write("before.png", pictures.before),
      after: write("after.png", pictures.after),
      difference: write("difference.png", pictures.difference),
    };
    const entry: Entry = {
      file: photo.path,
      findings,
      pageSawOriginal: file.seenByPage.includes(photo.sha256),
      looksIntoTheForm: file.looks,
      ...more,
      files,
    };
    entries.push(entry);
    writeFileSync(
      join(out, "report.json"),
      `${JSON.stringify({ madeAt: new Date().toISOString(), photos: entries }, null, 2)}\n`,
    );
    site.note(file.id, {
      verdict: findings.isOriginal ? "original" : "protected",
      figures: figures(findings),
      strip: [
        [site.show(`${file.id}-before.png`, "image/png", pictures.before), "Your original"],
        [site.show(`${file.id}-after.png`, "image/png", pictures.after), "Received"],
        [
          site.show(`${file.id}-difference.png`, "image/png", pictures.difference),
          `Difference × ${DIFFERENCE_GAIN}`,
        ],
      ],
    });
    return entry;
  } finally {
    site.note(file.id, { pending: false });
  }
}

function uniqueStem(fileName: string, entries: readonly Entry[]): string {
  const stem = parse(basename(fileName)).name.replace(/[^\p{L}\p{N}._-]+/gu, "-") || "photo";
  const taken = new Set(entries.map((entry) => entry.files.before));
  let candidate = stem;
  for (let n = 2; taken.has(`${candidate}-before.png`); n++) candidate = `${stem}-${n}`;
  return candidate;
}

/** Posts each photo through the page's form, and measures what arrives. Returns whether all of it was protected. */
async function postByItself(
  { context, worker }: Launched,
  run: Run,
  arrivals: ReceivedFile[],
): Promise<boolean> {
  const { site, photos, out, entries } = run;
  let allProtected = true;
  const page = context.pages()[0] ?? (await context.newPage());
  for (const photo of photos) {
    console.log(`\n${paint("bold", photo.name)}, ${fileSize(photo.bytes.length)}`);
    try {
      await page.goto(site.url);
      const chosenAt = Date.now();
      const seconds = await choose(page, worker, photo);
      const count = arrivals.length;
      await page.fill("#caption", `${parse(photo.name).name}, posted by the demo`);
      await page.click("button[type=submit]");
      await page.waitForSelector("article");
      const file = arrivals[count];
      if (!file) throw new Error("The page posted, but no file arrived.");
      printReceived(file);
      const extensionReport = await reportSince(chosenAt, worker);
      const entry = await account(file, photo, run, {
        seconds,
        ...(extensionReport && { extensionReport }),
      });
      printEntry(entry);
      if (entry.findings.isOriginal || entry.pageSawOriginal) allProtected = false;
    } catch (error) {
      rewrite("");
      allProtected = false;
      mkdirSync(out, { recursive: true });
      const picture = join(out, `${parse(photo.name).name}-page.png`);
      console.error(`  ${paint("red", "✗")} ${(error as Error).message}`);
      await page
        .screenshot({ path: picture })
        .then(() => console.error(`    The page as it was then: ${relative(process.cwd(), picture)}`))
        .catch(() => {});
    }
  }
  if (entries.length > 0) {
    await page.reload();
    await page.waitForSelector(".strip img");
    await page.screenshot({ path: join(out, "page.png"), fullPage: true });
    printFiles(run);
  }
  console.log(
    allProtected
      ? `\n${paint("green", "✓")} The server has the protected ${photos.length === 1 ? "photo" : "photos"} and nothing else.\n`
      : `\n${paint("red", "✗")} Not every photo was protected; see above.\n`,
  );
  return allProtected;
}

/** Leaves the browser to the person; prints and measures what arrives until it is closed. */
function printFiles({ out, entries }: Run): void {
  console.log(`\n${paint("bold", "Files")} in ${paint("cyan", relative(process.cwd(), out) || out)}`);
  for (const { files } of entries) {
    console.log(`  ${files.received}`);
    console.log(`  ${files.before}, ${files.after}`);
    console.log(`  ${files.difference}  ${paint("dim", `(the change × ${DIFFERENCE_GAIN}, on grey)`)}`);
  }
  console.log(`  report.json  ${paint("dim", "(all figures)")}`);
  console.log(`  page.png  ${paint("dim", "(the site at the end)")}`);
}

async function leaveOpen(
  { context }: Launched,
  run: Run,
  onArrival: (listener: (file: ReceivedFile) => void) => void,
): Promise<void> {
  const { site, photos, out } = run;
  let queue = Promise.resolve();
  onArrival((file) => {
    printReceived(file);
    const photo = photos.find((candidate) => parse(candidate.name).name === parse(file.name).name);
    if (!photo) {
      console.log("  (A photo of your own: give it to the demo, `npm run demo -- PHOTO`, to compare it.)");
      return;
    }
    site.note(file.id, { pending: true });
    queue = queue
      .then(async () => {
        printEntry(await account(file, photo, run));
        row("Files", relative(process.cwd(), out));
      })
      .catch((error: Error) => console.error(`  ${paint("red", "✗")} ${error.message}`));
  });
  const closed = new Promise<void>((resolve) => context.once("close", () => resolve()));
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(site.url);
  const first = photos[0];
  if (first) await page.setInputFiles("#photo", first.path);
  console.log(`
The browser is open. Penumbra is protecting ${first?.name ?? "the photo"} on its way into the page; press ${paint("bold", "Post")} when it is
there, or choose photos of your own. What the server receives is printed here.
${paint("dim", "Close the browser, or press Ctrl+C here, to end.")}`);
  await closed;
  await queue;
}

async function main(): Promise<boolean> {
  const wanted = options();
  if (wanted.help) {
    console.log(HELP);
    return true;
  }
  const photos = (wanted.photos.length > 0 ? wanted.photos : [SAMPLE]).map(readPhoto);
  const headless = wanted.headless || !hasDisplay();
  const out = resolve(wanted.out ?? join("penumbra-demo", timestamp()));

  console.log(paint("bold", "Penumbra demo"));
  if (headless && !wanted.headless) console.log("There is no display here, so this runs without a window.");
  const browser = await ensureBrowser();
  row("Browser", `${browser.name}, ${browser.path}`);
  if (live) rewrite("  Building the extension ...");
  const start = performance.now();
  const extension = wanted.extension ? resolve(wanted.extension) : await buildExtension();
  rewrite("");
  row(
    "Extension",
    `${relative(process.cwd(), extension)}${wanted.extension ? "" : `, built in ${((performance.now() - start) / 1000).toFixed(1)} s`}`,
  );

  const arrivals: ReceivedFile[] = [];
  const listeners: ((file: ReceivedFile) => void)[] = [];
  const site = await startUploadSite((file) => {
    arrivals.push(file);
    for (const listener of listeners) listener(file);
  });
  row("Upload page", site.url);

  let context: BrowserContext | undefined;
  const stop = () => {
    void context?.close().finally(() => process.exit(130));
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const launched = await launch(browser, extension, { headless });
    context = launched.context;
    const run: Run = { site, photos, out, entries: [] };
    if (headless) return await postByItself(launched, run, arrivals);
    await leaveOpen(launched, run, (listener) => listeners.push(listener));
    return true;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    await context?.close();
    await site.close();
  }
}

main().then(
  (ok) => {
    process.exitCode = ok ? 0 : 1;
  },
  (error: Error) => fail(error.message),
);
