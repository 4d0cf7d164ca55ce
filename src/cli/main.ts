/** The commands of `penumbra`: the same library as the extension, for files on the disk. */

import { mkdir } from "node:fs/promises";
import { availableParallelism, freemem } from "node:os";
import { dirname, join } from "node:path";
import { noticeText } from "../bridge/strings/notices.ts";
import { problemText } from "../bridge/strings/problems.ts";
import { toProblemData } from "../core/contract/problem.ts";
import type { Progress, ProtectedPicture } from "../core/contract/protected-picture.ts";
import { type Settled, settledValue } from "../core/protect/settled.ts";
import { type Command, parseCommand, USAGE } from "./arguments.ts";
import { nameInNewFormat } from "./file-names.ts";
import { fileError, readBytes, refuseInputs, writeWhole } from "./files.ts";
import { type Inputs, inputsOf } from "./inputs.ts";
import { createPenumbra } from "./penumbra.ts";
import { createProtectInProcesses } from "./processes.ts";
import { createProgressLine } from "./progress-line.ts";
import { measurementSummary, pictureSummary, setSummary } from "./summary.ts";
import { UsageError } from "./usage-error.ts";

const OK = 0;
const SOME_FAILED = 1;
const WRONG_USAGE = 2;

const line = createProgressLine(process.stderr);

/**
 * Runs one command.
 * @param argv arguments after the program's name
 * @returns the exit status: 0, 1 when a file failed (the others are done), 2 for wrong usage
 */
export async function main(argv: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = parseCommand(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`penumbra: ${error.message}\n\n${USAGE}`);
    return WRONG_USAGE;
  }
  switch (command.name) {
    case "help":
      console.log(USAGE);
      return OK;
    case "protect":
      return protectFiles(command);
    case "protect-set":
      return protectSet(command);
    case "measure":
      return measureFiles(command);
  }
}

async function protectFiles(command: Extract<Command, { name: "protect" }>): Promise<number> {
  let inputs: Inputs;
  try {
    inputs = await inputsOf(command.files, command.out);
    await mkdir(command.out, { recursive: true });
  } catch (error) {
    console.error(`penumbra: ${command.out}: ${explain(error)}`);
    return WRONG_USAGE;
  }
  const originals = inputs.files.map(({ file }) => file);
  const outOf = (name: string) => join(command.out, name);
  const taken = new Set(inputs.files.map(({ name }) => outOf(name)));
  const files = inputs.files.map(({ file, name, error }) => ({
    async read() {
      if (error) throw error;
      // Before the work, and again when the name of the result is known.
      await refuseInputs(outOf(name), originals);
      return readBytes(file);
    },
    onProgress: ({ stage, fraction }: Progress) => line.show(`${name}  ${stage}`, fraction),
  }));
  const jobs = Math.min(command.jobs ?? usualJobs(), files.length);
  const protectAll = jobs > 1 ? createProtectInProcesses(jobs) : createPenumbra().protectAll;
  const outcomes = protectAll(files, command.request);
  const names = inputs.files.values();
  const status = await eachFile(originals, async (file) => {
    const { name } = names.next().value as Inputs["files"][number];
    const { value } = await outcomes.next();
    const { bytes, report } = settledValue(value as Settled<ProtectedPicture>);
    const out = outOf(nameInNewFormat(name, report.notices));
    if (out !== outOf(name) && taken.has(out))
      throw new UsageError(`In its new format, the result would have the name of another one: ${out}.`);
    taken.add(out);
    await mkdir(dirname(out), { recursive: true });
    await writeWhole(out, bytes, originals);
    line.clear();
    if (command.json) console.log(JSON.stringify({ file, out, ...report }));
    else {
      console.log(`${file} -> ${out}\n  ${pictureSummary(report)}`);
      for (const notice of report.notices) console.log(`  ${noticeText(notice)}`);
    }
  });
  const { leftOut } = inputs;
  if (leftOut === 1) console.error("penumbra: 1 file of the folders is no picture and was left out.");
  if (leftOut > 1)
    console.error(`penumbra: ${leftOut} files of the folders are no pictures and were left out.`);
  return status;
}

/** Bytes that a process may need for a large picture. */
const MEMORY_OF_JOB = 2 ** 30;

const usualJobs = () => Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / MEMORY_OF_JOB)));

async function protectSet({
  folder,
  out,
  json,
  request,
}: Extract<Command, { name: "protect-set" }>): Promise<number> {
  const { protectSet } = createPenumbra();
  return eachFile([folder], async () => {
    const report = await protectSet({ folder, out }, request, line.show);
    line.clear();
    if (json) console.log(JSON.stringify({ folder, out, ...report }));
    else console.log(`${folder} -> ${out}\n  ${setSummary(report)}`);
    for (const note of report.notes) console.error(`penumbra: ${note}`);
    for (const { file, reason } of report.leftOut) console.error(`penumbra: ${file} was left out: ${reason}`);
    return report.leftOut.length === 0;
  });
}

async function measureFiles(command: Extract<Command, { name: "measure" }>): Promise<number> {
  const { measure } = createPenumbra();
  return eachFile(command.files, async (file) => {
    const measurement = await measure(await readBytes(file), command.options);
    if (command.json) console.log(JSON.stringify({ file, ...measurement }));
    else console.log(`${file}: ${measurementSummary(measurement)}`);
  });
}

/**
 * Works on each file. One that fails is reported on standard error and does not stop the others.
 * @param work returns false when the file failed although nothing was thrown
 * @returns the exit status
 */
async function eachFile(files: readonly string[], work: (file: string) => Promise<unknown>): Promise<number> {
  let failed = 0;
  for (const file of files) {
    try {
      if ((await work(file)) === false) failed++;
    } catch (error) {
      failed++;
      line.clear();
      console.error(`penumbra: ${file}: ${explain(error)}`);
    }
  }
  return failed ? SOME_FAILED : OK;
}

function explain(error: unknown): string {
  const known = fileError(error);
  if (known) return known;
  return error instanceof UsageError ? error.message : problemText(toProblemData(error));
}
