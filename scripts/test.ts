/**
 * `npm test`: lint and import rules, types, then the tests in Node, in a page and end to end, all of them even if one fails, and
 * one closing summary. `npm test -- unit types` runs only the named stages.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBrowser } from "./lib/chromium.ts";
import { bin, ROOT } from "./lib/root.ts";
import { fail, paint, run } from "./lib/terminal.ts";

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skippedNames: readonly string[];
}

interface Result {
  readonly title: string;
  readonly ok: boolean;
  readonly seconds: number;
  /** Only of stages that count tests. */
  readonly totals?: Totals;
}

interface Stage {
  readonly title: string;
  readonly run: () => Promise<{ ok: boolean; totals?: Totals }>;
}

/** The parts of Vitest's JSON report that are counted. */
interface VitestReport {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const scratch = mkdtempSync(join(tmpdir(), "penumbra-test-"));

const node =
  (...args: string[]) =>
  async (): Promise<{ ok: boolean }> => {
    const { code } = await run(process.execPath, args, { cwd: ROOT });
    return { ok: code === 0 };
  };

/** Counts one by one, and a file that could not even be loaded as one failure, so that nothing failed goes uncounted. */
function count(report: VitestReport): Totals {
  const files = report.testResults;
  const tests = files.flatMap((file) => file.assertionResults);
  const failedTests = tests.filter((test) => test.status === "failed").length;
  const failedFiles = files.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const skipped = tests.filter((test) => test.status !== "passed" && test.status !== "failed");
  return {
    passed: tests.filter((test) => test.status === "passed").length,
    failed: failedTests + failedFiles,
    skipped: skipped.length,
    skippedNames: skipped.map((test) => test.fullName),
  };
}

const tests = (project: string) => async (): Promise<{ ok: boolean; totals?: Totals }> => {
  const file = join(scratch, `${project}.json`);
  const args = ["run", "--project", project, "--reporter=default", "--reporter=json"];
  const { code } = await run(process.execPath, [bin("vitest"), ...args, `--outputFile.json=${file}`], {
    cwd: ROOT,
  });
  let totals: Totals = { passed: 0, failed: 0, skipped: 0, skippedNames: [] };
  try {
    totals = count(JSON.parse(readFileSync(file, "utf8")) as VitestReport);
  } catch {
    // No report: it ended before its end, which its exit code says too.
  }
  // A stage that did not get as far as its tests must not look as if nothing had failed.
  if (code !== 0 && totals.failed === 0) totals = { ...totals, failed: 1 };
  return { ok: totals.failed === 0, totals };
};

/** The browser comes first, so that what is missing is said in plain words and not as a failed set-up. */
const browserTests = (project: string) => async (): Promise<{ ok: boolean; totals?: Totals }> => {
  try {
    await ensureBrowser();
  } catch (error) {
    console.error(`\n${(error as Error).message}\n`);
    return { ok: false, totals: { passed: 0, failed: 1, skipped: 0, skippedNames: [] } };
  }
  return tests(project)();
};

const STAGES: Readonly<Record<string, Stage>> = {
  lint: { title: "Lint and format", run: node(bin("biome"), "check", "--error-on-warnings", ".") },
  types: { title: "Types", run: node(join(ROOT, "scripts/types.ts")) },
  unused: { title: "Unused code", run: node(bin("knip"), "--no-progress") },
  unit: { title: "Unit tests", run: tests("unit") },
  property: { title: "Property tests", run: tests("property") },
  page: { title: "Tests in a page", run: browserTests("page") },
  e2e: { title: "End-to-end tests", run: browserTests("e2e") },
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
