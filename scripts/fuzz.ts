/**
 * `npm run fuzz [-- COUNT [SEED]]`: damaged files of every format through `penumbra protect`, with one gradient
 * step each. Prints what became of them. Exits with status 1 when a file crashed the command, held it up, was
 * refused as an internal error, came out as it was, or left a result although it was refused; the folder with
 * such files is kept.
 */

import { fork } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { problemText } from "../src/bridge/strings/problems.ts";
import { hadNothing } from "../src/bridge/strings/results.ts";
import type { ProtectionReport } from "../src/core/contract/protected-picture.ts";
import { type MutatedFile, mutations } from "../test/support/mutated-files.ts";
import type { CommandLine } from "./lib/fuzz-command.ts";

/** Files of one command. */
const LOT = 250;
/** A file that takes more processor time, in seconds, is listed. */
const SLOW = 5;
/** A command is ended when it has not finished a file for so long, in seconds. */
const HANG = 60;

interface Outcome {
  readonly name: string;
  readonly format: string;
  readonly became: "protected" | "unchanged" | "refused" | "crash" | "hang";
  /** Why it was refused, or how the command ended. */
  readonly sentence?: string;
  /** Of the processor. The first file of a command bears the loading of the network. */
  readonly seconds: number;
  /** By which it raised the most memory that its command had used. */
  readonly megabytes: number;
  readonly fault?: string;
}

const [count = 5000, seed = 1] = process.argv.slice(2).map(Number) as [number?, number?];
const folder = await mkdtemp(join(tmpdir(), "penumbra-fuzz-"));
const files = new Map(
  fc
    // Evenly: a property test prefers the ends of a range, which are mostly the first bytes of a file.
    .sample(fc.noBias(fc.oneof(...Object.values(mutations))), { seed, numRuns: count })
    .map((file, i) => [join(folder, `${i}.${file.format.toLowerCase()}`), file]),
);
for (const [path, { bytes }] of files) await writeFile(path, bytes);

let peak = 0;
const outcomes: Outcome[] = [];
const paths = [...files.keys()];
const lots = Array.from({ length: Math.ceil(count / LOT) }, (_, i) => paths.slice(i * LOT, (i + 1) * LOT));
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    for (let lot = lots.shift(); lot; lot = lots.shift()) {
      await protectLot(lot);
      console.log(`${outcomes.length} of ${count} files`);
    }
  }),
);
await summarise();

/** Runs commands until each of these files has an outcome. */
async function protectLot(lot: readonly string[]): Promise<void> {
  for (let left = lot; left.length > 0; ) {
    const out = join(folder, `out-${basename(left[0] as string)}`);
    await mkdir(out);
    const done = await runCommand(left, out);
    outcomes.push(...done);
    left = left.slice(done.length);
    const wanted = done.filter(({ became }) => became === "protected" || became === "unchanged").length;
    const found = (await readdir(out)).length;
    if (found !== wanted) fault(`${out} has ${found} results and should have ${wanted}`);
  }
}

/** @returns the outcomes of these files, or of those up to the one at which the command ended */
function runCommand(inputs: readonly string[], out: string): Promise<Outcome[]> {
  const words = ["protect", ...inputs, "--out", out, "--steps", "1", "--seed", "1", "--json"];
  const child = fork(new URL("./lib/fuzz-command.ts", import.meta.url), words, { stdio: "ignore" });
  const done: Promise<Outcome>[] = [];
  let before = { seconds: 0, megabytes: 0 };
  let hung = false;
  const hang = () => {
    hung = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(hang, 1000 * HANG);
  child.on("message", (line: CommandLine) => {
    clearTimeout(timer);
    timer = setTimeout(hang, 1000 * HANG);
    const path = inputs[done.length] as string;
    const cost = { seconds: line.seconds - before.seconds, megabytes: line.megabytes - before.megabytes };
    before = line;
    peak = Math.max(peak, line.megabytes);
    done.push(outcomeOf(path, line, cost));
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", async (code, signal) => {
      clearTimeout(timer);
      const all = await Promise.all(done);
      const path = inputs[all.length];
      if (path !== undefined) {
        const sentence = hung ? `nothing for ${HANG} s` : `ended with ${signal ?? code}`;
        const became = hung ? "hang" : "crash";
        all.push({ ...about(path), became, sentence, seconds: 0, megabytes: 0, fault: sentence });
      }
      resolve(all);
    });
  });
}

async function outcomeOf(
  path: string,
  { stream, text }: CommandLine,
  cost: Pick<Outcome, "seconds" | "megabytes">,
): Promise<Outcome> {
  const common = { ...about(path), ...cost };
  if (stream === "error") {
    const sentence = text.replace(`penumbra: ${path}: `, "");
    const internal =
      sentence === text ||
      sentence === problemText({ code: "internal/encoder" }) ||
      sentence.startsWith(problemText({ code: "internal/unexpected", detail: "" }));
    return { ...common, became: "refused", sentence, ...(internal && { fault: sentence }) };
  }
  const report: ProtectionReport & { file: string; out: string } = JSON.parse(text);
  const same = Buffer.from((files.get(path) as MutatedFile).bytes).equals(await readFile(report.out));
  const empty = hadNothing(report);
  const original = report.file !== path || (!empty && (same || report.maxChange === 0));
  return {
    ...common,
    became: empty ? "unchanged" : "protected",
    ...(original && { fault: "the original came out as it was" }),
  };
}

function about(path: string): Pick<Outcome, "name" | "format"> {
  return { name: basename(path), format: (files.get(path) as MutatedFile).format };
}

function fault(sentence: string): void {
  console.log(`FAULT: ${sentence}`);
  process.exitCode = 1;
}

async function summarise(): Promise<void> {
  console.log(`\n${outcomes.length} files, seed ${seed}`);
  console.table(
    Object.fromEntries(
      Object.entries(Object.groupBy(outcomes, ({ format }) => format)).map(([format, all = []]) => [
        format,
        numbers(all.map(({ became }) => became)),
      ]),
    ),
  );
  console.log("Refused, by sentence (numbers as N):");
  const sentences = outcomes.flatMap(({ became, sentence }) =>
    became === "refused" && sentence ? [sentence.replace(/\d+/g, "N")] : [],
  );
  for (const [sentence, times] of Object.entries(numbers(sentences)).sort(([, a], [, b]) => b - a))
    console.log(`${String(times).padStart(6)}  ${sentence}`);

  const dearest = (by: "seconds" | "megabytes") => outcomes.toSorted((a, b) => b[by] - a[by]).slice(0, 3);
  const slow = outcomes.filter(({ seconds }) => seconds > SLOW).length;
  console.log(`Over ${SLOW} s of processor time: ${slow}. Slowest:`);
  for (const { name, seconds } of dearest("seconds")) console.log(`  ${name}: ${seconds.toFixed(1)} s`);
  console.log(`Most memory of a command: ${peak.toFixed(0)} MB. It grew most at:`);
  for (const { name, megabytes } of dearest("megabytes"))
    console.log(`  ${name}: by ${megabytes.toFixed(0)} MB`);

  for (const { name, fault: why } of outcomes) if (why) fault(`${name}: ${why}`);
  if (process.exitCode === 1) console.log(`The files are in ${folder}.`);
  else await rm(folder, { recursive: true });
}

/** How often each occurs. */
function numbers<T extends string>(all: readonly T[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const one of all) found[one] = (found[one] ?? 0) + 1;
  return found;
}
