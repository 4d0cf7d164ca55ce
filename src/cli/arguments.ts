/** The words of a command line, checked and turned into options. */

import { basename } from "node:path";
import { parseArgs } from "node:util";
import {
  DEFAULT_REQUEST,
  LIMITS,
  NAME_OBJECTIVES,
  OBJECTIVES,
  type ObjectiveId,
  type ProtectionRequest,
} from "../core/contract/protection-request.ts";
import { findSurrogate, SURROGATES, type SurrogateEntry } from "../core/models/registry.ts";
import { type ProtectSetOptions, SET_DEFAULTS } from "./protect-set.ts";
import { UsageError } from "./usage-error.ts";

/** In 255ths. */
const DEFAULT_BUDGET = Math.round(255 * DEFAULT_REQUEST.epsilon);

export const USAGE = `penumbra protect FILES... --out DIR   write protected copies, with the same names, to DIR
penumbra protect-set DIR --out DIR    protect a labelled set as a whole: each folder in the first DIR is a class
penumbra measure FILES...             say what a surrogate makes of files as they are

  --budget N        largest change of a channel value, in 255ths (${LIMITS.budget.join(" to ")}; default ${DEFAULT_BUDGET})
  --surrogate ID    ${SURROGATES.map((s) => s.id).join(" | ")}
                    (${SURROGATES.filter((s) => s.forMeasuring)
                      .map((s) => s.id)
                      .join(", ")}: pictures of 32 pixels, for measurements only)
  --objective NAME  ${OBJECTIVES.join(" | ")}
                    (the first two need a surrogate that knows photographs, and are not for protect-set)
  --steps N         gradient steps
  --longest-side N  make larger pictures this many pixels long first (${LIMITS.longestSide.join(" to ")})
  --label N         class index to raise the error of (default: the surrogate's first choice)
  --seed N          make the result repeatable
  --json            one JSON object a file on standard output

With protect-set, --objective is bayes-error by default, --steps are those of each pass, and there are
  --passes N        times that every picture is visited (default ${SET_DEFAULTS.passes})
  --chunk N         pictures that move together; more need more memory (default ${SET_DEFAULTS.chunk})
It keeps its work in DIR/.penumbra-set, and the same command goes on after it was stopped. At the end all pictures are in
the second DIR, and penumbra-set.json there says what became of the set.

Exit status: 0, 1 when a file failed (the others are done), 2 for wrong usage.`;

export type Command =
  | { readonly name: "help" }
  | {
      readonly name: "protect";
      readonly files: readonly string[];
      readonly out: string;
      readonly json: boolean;
      readonly options: ProtectionRequest;
    }
  | {
      readonly name: "protect-set";
      readonly folder: string;
      readonly out: string;
      readonly json: boolean;
      readonly options: ProtectSetOptions;
    }
  | {
      readonly name: "measure";
      readonly files: readonly string[];
      readonly json: boolean;
      readonly options: { readonly surrogate: string; readonly label?: number };
    };

/** @throws UsageError for anything a person can get wrong in the words themselves */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  const [name, ...files] = positionals;
  if (values.help || name === "help" || argv.length === 0) return { name: "help" };
  const surrogate = oneOf(
    "--surrogate",
    values.surrogate ?? DEFAULT_REQUEST.surrogate,
    SURROGATES.map((s) => s.id),
  );
  const { classNames, objectives } = findSurrogate(surrogate) as SurrogateEntry;
  const label =
    values.label === undefined
      ? {}
      : { label: wholeNumber("--label", values.label, [0, classNames.length - 1]) };
  if (name !== "protect" && name !== "protect-set" && name !== "measure")
    throw new UsageError(`expected "protect", "protect-set" or "measure", got "${name}"`);
  const foreign = NOT_FOR[name].find((option) => Object.hasOwn(values, option));
  if (foreign) throw new UsageError(`${name} takes no --${foreign}`);
  const folder = files[0];
  if (folder === undefined)
    throw new UsageError(`${name} needs ${name === "protect-set" ? "a folder" : "at least one file"}`);
  if (name === "protect-set" && files.length > 1)
    throw new UsageError(`${name} takes one folder, got also "${files[1]}"`);
  if (name === "measure") return { name, files, json: values.json, options: { surrogate, ...label } };

  if (values.out === undefined)
    throw new UsageError(`${name} needs --out DIR, a folder for the protected copies`);
  const twice = files.map((f) => basename(f)).find((base, i, all) => all.indexOf(base) !== i);
  if (twice !== undefined)
    throw new UsageError(`two files are called "${twice}", and both cannot keep that name in ${values.out}`);
  const command = {
    out: values.out,
    json: values.json,
    options: {
      surrogate,
      ...label,
      epsilon: number("--budget", values.budget ?? String(DEFAULT_BUDGET), LIMITS.budget) / 255,
      ...(values.steps !== undefined && { steps: wholeNumber("--steps", values.steps, LIMITS.steps) }),
      ...(values["longest-side"] !== undefined && {
        longestSide: wholeNumber("--longest-side", values["longest-side"], LIMITS.longestSide),
      }),
      ...(values.seed !== undefined && { seed: wholeNumber("--seed", values.seed, LIMITS.seed) }),
    },
  };
  const objective = <T extends ObjectiveId>(byDefault: T, allowed: readonly T[]) =>
    oneOf("--objective", values.objective ?? byDefault, allowed);
  if (name === "protect")
    return {
      name,
      files,
      ...command,
      options: { ...command.options, objective: objective(objectives[0], objectives) },
    };
  const { passes, chunk } = values;
  return {
    name,
    folder,
    ...command,
    options: {
      ...command.options,
      objective: objective("bayes-error", NAME_OBJECTIVES),
      ...(passes !== undefined && { passes: wholeNumber("--passes", passes, [1, 1000]) }),
      ...(chunk !== undefined && { chunk: wholeNumber("--chunk", chunk, [1, 1000]) }),
    },
  };
}

/** Options that would mean nothing. In a set, the folders are the labels. */
const NOT_FOR: Readonly<Record<"protect" | "protect-set" | "measure", readonly string[]>> = {
  protect: ["passes", "chunk"],
  "protect-set": ["label", "longest-side"],
  measure: ["passes", "chunk"],
};

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
        "longest-side": { type: "string" },
        label: { type: "string" },
        seed: { type: "string" },
        passes: { type: "string" },
        chunk: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function number(option: string, text: string, [low, high]: readonly [number, number]): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= low && value <= high))
    throw new UsageError(`${option} takes a number from ${low} to ${high}, got "${text}"`);
  return value;
}

function wholeNumber(option: string, text: string, range: readonly [number, number]): number {
  const value = number(option, text, range);
  if (!Number.isInteger(value)) throw new UsageError(`${option} takes a whole number, got "${text}"`);
  return value;
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`${option} takes ${allowed.join(" or ")}, got "${value}"`);
  return found;
}
