/** The commands of `penumbra`: the same library as the extension, for files on the disk. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { percent } from "../bridge/format.ts";
import { problemText } from "../bridge/strings/problems.ts";
import { toProblemData } from "../core/contract/problem.ts";
import type { Progress, ProtectedPicture, ProtectionReport } from "../core/contract/protected-picture.ts";
import { type Settled, settledValue } from "../core/protect/settled.ts";
import { type Command, parseCommand, USAGE } from "./arguments.ts";
import { createPenumbra } from "./penumbra.ts";
import { createProgressLine } from "./progress-line.ts";
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
  const { protectAll } = createPenumbra();
  await mkdir(command.out, { recursive: true });
  const outOf = (file: string) => join(command.out, basename(file));
  const files = command.files.map((file) => ({
    async read() {
      if (resolve(outOf(file)) === resolve(file))
        throw new UsageError("The result would overwrite the picture itself; choose another --out.");
      return readBytes(file);
    },
    onProgress: ({ stage, fraction }: Progress) => line.show(`${basename(file)}  ${stage}`, fraction),
  }));
  const outcomes = protectAll(files, command.request);
  return eachFile(command.files, async (file) => {
    const out = outOf(file);
    const { value } = await outcomes.next();
    const { bytes, report } = settledValue(value as Settled<ProtectedPicture>);
    await writeFile(out, bytes);
    line.clear();
    if (command.json) console.log(JSON.stringify({ file, out, ...report }));
    else {
      console.log(
        `${file} -> ${out}\n  ${features(report)}“${report.labelName}”: label error ${percent(report.labelErrorBefore)} -> ${percent(report.labelErrorAfter)}, ` +
          `Bayes error ${percent(report.bayesErrorBefore)} -> ${percent(report.bayesErrorAfter)}, ` +
          `${size(report)}change at most ${report.maxChange}/255, PSNR ${report.psnr.toFixed(1)} dB, SSIM ${report.ssim.toFixed(3)}, ` +
          `${report.bytesIn} -> ${report.bytesOut} bytes, ${report.seconds.total.toFixed(1)} s`,
      );
    }
  });
}

async function protectSet({
  folder,
  out,
  json,
  request,
}: Extract<Command, { name: "protect-set" }>): Promise<number> {
  const { protectSet } = createPenumbra();
  return eachFile([folder], async () => {
    const report = await protectSet(folder, out, request, line.show);
    line.clear();
    if (json) console.log(JSON.stringify({ folder, out, ...report }));
    else
      console.log(
        `${folder} -> ${out}\n  ${report.pictures} pictures in ${report.classes.length} classes: ` +
          `Bayes error of the set ${percent(report.bayesErrorBefore)} -> ${percent(report.bayesErrorAfter)}, ` +
          `label error ${percent(report.labelErrorBefore)} -> ${percent(report.labelErrorAfter)}, ` +
          `change at most ${report.maxChange}/255, PSNR ${report.psnr.toFixed(1)} dB, SSIM ${report.ssim.toFixed(3)}, ` +
          `${report.bytesIn} -> ${report.bytesOut} bytes, ${report.seconds.toFixed(1)} s`,
      );
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
    else
      console.log(
        `${file}: Bayes error ${measurement.bayesError.toFixed(4)}, ` +
          `p(“${measurement.labelName}”) ${(1 - measurement.labelError).toFixed(4)}, ` +
          `${measurement.width} x ${measurement.height} ${measurement.type}`,
      );
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

function features({ featureErrorBefore: before, featureErrorAfter: after }: ProtectionReport): string {
  return before === undefined || after === undefined
    ? ""
    : `feature error ${percent(before)} -> ${percent(after)}, `;
}

function size({ width, height, shrunkFrom }: ProtectionReport): string {
  return shrunkFrom ? `${shrunkFrom.width} x ${shrunkFrom.height} -> ${width} x ${height} pixels, ` : "";
}

function explain(error: unknown): string {
  if (error instanceof Error && "code" in error) {
    if (error.code === "ENOENT") return "there is no such file.";
    if (error.code === "ENOTDIR") return "this is not a folder.";
    if (error.code === "EACCES" || error.code === "EPERM") return "the file may not be read or written here.";
    if (error.code === "EISDIR") return "this is a folder, not a picture.";
  }
  return error instanceof UsageError ? error.message : problemText(toProblemData(error));
}

async function readBytes(file: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(file));
}
