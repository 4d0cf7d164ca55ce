/**
 * `npm test`: lint, types and unused code, then unit tests (in Node and in a page), property tests and end-to-end tests, all of
 * them even if one fails, and one closing summary. `npm test -- unit types` runs only the named stages.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LARGER_SET_FOLDER, MORE_PHOTOGRAPHS } from "../test/support/photographs.ts";
import { hasApplications } from "./lib/applications.ts";
import { ensureBrowser } from "./lib/chromium.ts";
import { bin, ROOT } from "./lib/root.ts";
import { fail, paint, run } from "./lib/terminal.ts";
import { coverageByPlace, readReport, type TestFile, type Totals } from "./lib/test-report.ts";

interface Outcome {
  readonly ok: boolean;
  /** These two only of stages that run tests. */
  readonly totals?: Totals;
  readonly files?: readonly TestFile[];
}

interface Result extends Outcome {
  readonly title: string;
  readonly seconds: number;
}

interface Stage {
  readonly title: string;
  readonly run: () => Promise<Outcome>;
}

const NOTHING: Totals = { passed: 0, failed: 0, skipped: 0, skippedNames: [] };
/** How many of the slowest test files the summary names. */
const SLOWEST = 5;

const COVERAGE = join(ROOT, "coverage/coverage-summary.json");
rmSync(COVERAGE, { force: true });
const scratch = mkdtempSync(join(tmpdir(), "penumbra-test-"));

const node =
  (...args: string[]) =>
  async (): Promise<Outcome> => {
    const { code } = await run(process.execPath, args, { cwd: ROOT });
    return { ok: code === 0 };
  };

const vitest =
  (...args: string[]) =>
  async (): Promise<Outcome> => {
    const file = join(mkdtempSync(join(scratch, "report-")), "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const { code } = await run(process.execPath, [bin("vitest"), "run", ...args, ...reporters], {
      cwd: ROOT,
    });
    const report = readReport(file) ?? { totals: NOTHING, files: [] };
    // A stage that did not get as far as its tests, or whose coverage is too low, must not look as if nothing had failed.
    const totals = code !== 0 && report.totals.failed === 0 ? { ...report.totals, failed: 1 } : report.totals;
    return { ...report, totals, ok: totals.failed === 0 };
  };

/** The browser comes first, so that what is missing is said in plain words and not as a failed set-up. */
const withBrowser = (stage: () => Promise<Outcome>) => async (): Promise<Outcome> => {
  try {
    await ensureBrowser();
  } catch (error) {
    console.error(`\n${(error as Error).message}\n`);
    return { ok: false, totals: { ...NOTHING, failed: 1 } };
  }
  return stage();
};

const STAGES: Readonly<Record<string, Stage>> = {
  lint: { title: "Lint and format", run: node(bin("biome"), "check", "--error-on-warnings", ".") },
  types: { title: "Types", run: node(join(ROOT, "scripts/types.ts")) },
  unused: { title: "Unused code", run: node(bin("knip"), "--no-progress") },
  unit: {
    title: "Unit tests",
    run: withBrowser(vitest("--project", "unit", "--project", "page", "--coverage")),
  },
  property: { title: "Property tests", run: vitest("--project", "property") },
  e2e: { title: "End-to-end tests", run: withBrowser(vitest("--project", "e2e")) },
};

function line(result: Result): string {
  const mark = result.ok ? paint("green", "✓") : paint("red", "✗");
  const { totals } = result;
  const counts = totals
    ? `${totals.passed} passed${totals.failed ? `, ${totals.failed} failed` : ""}${totals.skipped ? `, ${totals.skipped} skipped` : ""}`
    : result.ok
      ? "ok"
      : "failed, see above";
  return `  ${mark} ${result.title.padEnd(24)}${counts.padEnd(34)}${result.seconds.toFixed(1).padStart(7)} s`;
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in STAGES));
if (unknown.length > 0)
  fail(`There is no stage called ${unknown.join(", ")}. Stages: ${Object.keys(STAGES).join(", ")}.`);

const results: Result[] = [];
for (const [name, stage] of Object.entries(STAGES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log(`\n${paint("bold", `── ${stage.title} ──`)}`);
  const start = performance.now();
  const outcome = await stage.run();
  results.push({ title: stage.title, seconds: (performance.now() - start) / 1000, ...outcome });
}
rmSync(scratch, { recursive: true, force: true });

const sum = (of: (totals: Totals) => number) =>
  results.reduce((total, { totals }) => total + (totals ? of(totals) : 0), 0);
const skippedNames = results.flatMap(({ totals }) => totals?.skippedNames ?? []);
const broken = results.filter((result) => !result.ok);

console.log(`\n${paint("bold", "── Summary ──")}`);
for (const result of results) console.log(line(result));
const files = results.flatMap((result) => result.files ?? []).sort((a, b) => b.seconds - a.seconds);
if (files.length > 0) {
  console.log("\n  Slowest files:");
  for (const { path, seconds } of files.slice(0, SLOWEST))
    console.log(`  · ${path}, ${seconds.toFixed(0)} s`);
}
if (existsSync(COVERAGE)) {
  const shares = [...coverageByPlace(COVERAGE)].map(
    ([place, share]) => `${place} ${Math.floor(100 * share)} %`,
  );
  console.log(`\n  Lines that unit tests ran: ${shares.join(", ")}`);
}
if (files.length > 0) {
  const more = MORE_PHOTOGRAPHS.length > 0 ? `${MORE_PHOTOGRAPHS.length} are there` : "not here";
  console.log(`\n  Optional photographs, in ${LARGER_SET_FOLDER}: ${more}`);
  const applications = (["python", "debian"] as const).filter(hasApplications);
  console.log(
    `  Optional applications, by \`npm run applications\`: ${applications.join(" and ") || "not here"}`,
  );
}
if (skippedNames.length > 0) {
  console.log(`\n  Skipped:`);
  for (const name of skippedNames.slice(0, 20)) console.log(`  · ${name}`);
  if (skippedNames.length > 20) console.log(`  · and ${skippedNames.length - 20} more`);
}
console.log(
  broken.length === 0
    ? `\n  ${paint("green", "Everything passed.")}`
    : `\n  ${paint("red", `Failed: ${broken.map((result) => result.title).join(", ")}.`)}`,
);
if (results.some(({ totals }) => totals)) {
  const skipped = sum((totals) => totals.skipped);
  const end = skipped > 0 ? `, ${skipped} skipped` : "";
  console.log(`\n${sum((totals) => totals.passed)} passed, ${sum((totals) => totals.failed)} failed${end}`);
}
process.exitCode = broken.length === 0 ? 0 : 1;
