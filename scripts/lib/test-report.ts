/** What a run of Vitest leaves behind, in the figures of `npm test`'s summary. */
import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { ROOT } from "./root.ts";

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skippedNames: readonly string[];
}

export interface TestFile {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly seconds: number;
}

/** The parts of Vitest's JSON report that are read. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** In milliseconds. */
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** The parts of Istanbul's `coverage-summary.json` that are read: a file's absolute path, or "total". */
type CoverageSummary = Readonly<
  Record<string, { readonly lines: { readonly covered: number; readonly total: number } }>
>;

/** Reads a report of Vitest's `json` reporter; undefined if the run ended before it was written. */
export function readReport(file: string): { totals: Totals; files: readonly TestFile[] } | undefined {
  try {
    const report = JSON.parse(readFileSync(file, "utf8")) as VitestReport;
    return { totals: count(report), files: report.testResults.map(timed) };
  } catch {
    return undefined;
  }
}

/** Counts one by one, and a file that could not even be loaded as one failure, so that nothing failed goes uncounted. */
function count({ testResults }: VitestReport): Totals {
  const tests = testResults.flatMap((file) => file.assertionResults);
  const failedTests = tests.filter((test) => test.status === "failed").length;
  const failedFiles = testResults.filter(
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

function timed({ name, startTime, endTime }: VitestReport["testResults"][number]): TestFile {
  return { path: relative(ROOT, name), seconds: (endTime - startTime) / 1000 };
}

/**
 * Shares of lines that ran, from 0 to 1, by folder of `src`.
 * @param file path of a `coverage-summary.json`
 */
export function coverageByPlace(file: string): ReadonlyMap<string, number> {
  const summary = JSON.parse(readFileSync(file, "utf8")) as CoverageSummary;
  const sums = new Map<string, { covered: number; total: number }>();
  for (const [path, { lines }] of Object.entries(summary)) {
    const [src, place] = relative(ROOT, path).split(sep);
    if (src !== "src" || place === undefined) continue;
    const sum = sums.get(place) ?? { covered: 0, total: 0 };
    sums.set(place, { covered: sum.covered + lines.covered, total: sum.total + lines.total });
  }
  return new Map([...sums].map(([place, { covered, total }]) => [place, covered / total]));
}
