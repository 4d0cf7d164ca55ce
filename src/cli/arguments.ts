/** The words of a command line, checked and turned into options. */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import type { ProtectOptions } from "../shared/protection.ts";
import { OBJECTIVES, type ObjectiveId } from "../shared/report.ts";
import { BUDGETS, DEFAULT_SETTINGS } from "../shared/settings.ts";
import { findSurrogate, SURROGATES } from "../surrogates/registry.ts";

export const USAGE = `penumbra protect FILES... --out DIR   write protected copies, with the same names, to DIR
penumbra measure FILES...             say what a surrogate makes of files as they are

  --budget N        largest change of a channel value, in 255ths (1 to 64; default ${BUDGETS[DEFAULT_SETTINGS.budget]})
  --surrogate ID    ${SURROGATES.map((s) => s.id).join(" | ")}
  --objective NAME  ${OBJECTIVES.join(" | ")}
  --steps N         gradient steps
  --label N         class index to raise the error of (default: the surrogate's first choice)
  --seed N          make the result repeatable
  --json            one JSON object a file on standard output

Exit status: 0, 1 when a file failed (the others are done), 2 for wrong usage.`;

export type Command =
  | { readonly name: "help" }
  | {
      readonly name: "protect";
      readonly files: readonly string[];
      readonly out: string;
      readonly json: boolean;
      readonly options: ProtectOptions;
    }
  | {
      readonly name: "measure";
      readonly files: readonly string[];
      readonly json: boolean;
      readonly options: { readonly surrogate: string; readonly label?: number };
    };

/** The message says what was expected and what was given. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws UsageError for anything a person can get wrong in the words themselves */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  const [name, ...files] = positionals;
  if (values.help || name === "help" || argv.length === 0) return { name: "help" };
  const surrogate = oneOf(
    "--surrogate",
    values.surrogate ?? DEFAULT_SETTINGS.surrogate,
    SURROGATES.map((s) => s.id),
  );
  const classes = findSurrogate(surrogate)?.classNames.length ?? 0;
  const label =
    values.label === undefined ? {} : { label: wholeNumber("--label", values.label, 0, classes - 1) };
  if (name !== "protect" && name !== "measure")
    throw new UsageError(`expected "protect" or "measure", got "${name}"`);
  if (files.length === 0) throw new UsageError(`${name} needs at least one file`);
  if (name === "measure") return { name, files, json: values.json, options: { surrogate, ...label } };

  if (values.out === undefined)
    throw new UsageError("protect needs --out DIR, a folder for the protected copies");
  const twice = files.map((f) => basename(f)).find((base, i, all) => all.indexOf(base) !== i);
  if (twice !== undefined)
    throw new UsageError(`two files are called "${twice}", and both cannot keep that name in ${values.out}`);
  return {
    name,
    files,
    out: values.out,
    json: values.json,
    options: {
      surrogate,
      ...label,
      epsilon: number("--budget", values.budget ?? String(BUDGETS[DEFAULT_SETTINGS.budget]), 1, 64) / 255,
      objective: oneOf(
        "--objective",
        values.objective ?? DEFAULT_SETTINGS.objective,
        OBJECTIVES,
      ) as ObjectiveId,
      ...(values.steps !== undefined && { steps: wholeNumber("--steps", values.steps, 1, 10_000) }),
      ...(values.seed !== undefined && { seed: wholeNumber("--seed", values.seed, 0, 2 ** 32 - 1) }),
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        out: { type: "string" },
        budget: { type: "string" },
        surrogate: { type: "string" },
        objective: { type: "string" },
        steps: { type: "string" },
        label: { type: "string" },
        seed: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function number(option: string, text: string, low: number, high: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= low && value <= high))
    throw new UsageError(`${option} takes a number from ${low} to ${high}, got "${text}"`);
  return value;
}

function wholeNumber(option: string, text: string, low: number, high: number): number {
  const value = number(option, text, low, high);
  if (!Number.isInteger(value)) throw new UsageError(`${option} takes a whole number, got "${text}"`);
  return value;
}

function oneOf(option: string, value: string, allowed: readonly string[]): string {
  if (!allowed.includes(value))
    throw new UsageError(`${option} takes ${allowed.join(" or ")}, got "${value}"`);
  return value;
}
