/** Checks the arguments of a command line and turns them into a command. */

import { parseArgs } from "node:util";
import {
  CLASS_OBJECTIVES,
  DEFAULT_REQUEST,
  DEFAULT_STRENGTH,
  LIMITS,
  limitsOf,
  OBJECTIVES,
  type ProtectionRequest,
  STRENGTHS,
  type StrengthId,
} from "../core/contract/protection-request.ts";
import { SET_DEFAULTS, SET_LIMITS, type SetRequest } from "../core/contract/set-request.ts";
import { findSurrogate, SURROGATES } from "../core/models/registry.ts";
import type { SurrogateEntry } from "../core/models/surrogate-entry.ts";
import type { MeasureOptions } from "./measure.ts";
import { UsageError } from "./usage-error.ts";

/** Least and most processes. */
const JOBS = [1, 64] as const;

const STRENGTH_IDS = Object.keys(STRENGTHS) as StrengthId[];

/** Of protect-set, in 255ths. */
const DEFAULT_BUDGET = 8;

export const USAGE = `penumbra protect FILES... --out DIR   write protected copies, with the same names, to DIR (a HEIC becomes
                                      NAME.jpg; a TIFF, BMP or GIF NAME.png). A folder stands for all
                                      pictures in it, and keeps its tree
penumbra protect-set DIR --out DIR    protect a labelled set as a whole: each folder in the first DIR is a class
penumbra measure FILES...             print the errors of a surrogate for files as they are

  --strength NAME   ${STRENGTH_IDS.join(" | ")} (default ${DEFAULT_STRENGTH}): what is seen of the change
  --budget N        largest change of a channel value, in 255ths (${LIMITS.budget.join(" to ")}), in place of a strength, and
                    whatever is seen of it; for protect-set the default is ${DEFAULT_BUDGET}
  --quality N       least SSIMULACRA 2 of the finished file (${LIMITS.visualQuality.join(" to ")}), with --budget
  --surrogate ID    ${SURROGATES.map((s) => s.id).join(" | ")}
                    (${SURROGATES.filter((s) => s.cliOnly)
                      .map((s) => s.id)
                      .join(", ")}: pictures of 32 pixels, for measurements only)
  --objective NAME  ${OBJECTIVES.join(" | ")}
                    (the first two need a surrogate for photographs, and are not for protect-set)
  --steps N         gradient steps
  --longest-side N  first shrink pictures whose longest side has more pixels (${LIMITS.longestSide.join(" to ")})
  --label N         index of the class whose error is raised (default: the surrogate's prediction)
  --jobs N          files at once, each in a process (default: one a core, as far as the memory allows)
  --seed N          make the result repeatable
  --json            print one JSON object a file on standard output

For protect-set the default of --objective is ${SET_DEFAULTS.objective}, --steps are those of each pass, and there are
  --passes N        how often each picture is optimised (default ${SET_DEFAULTS.passes})
  --chunk N         pictures that are optimised at once; more need more memory (default ${SET_DEFAULTS.chunk})
Its results so far are in DIR/.penumbra-set, so the same command continues an interrupted run. At the end all pictures are in
the second DIR, with a report of the set in penumbra-set.json.

Exit status: 0, 1 when a file failed (the others are done), 2 for wrong usage.`;

export type Command =
  | { readonly name: "help" }
  | {
      readonly name: "protect";
      readonly files: readonly string[];
      readonly out: string;
      readonly json: boolean;
      /** Files at once; as many as the machine allows without it. */
      readonly jobs?: number;
      readonly request: ProtectionRequest;
    }
  | {
      readonly name: "protect-set";
      readonly folder: string;
      readonly out: string;
      readonly json: boolean;
      readonly request: SetRequest;
    }
  | {
      readonly name: "measure";
      readonly files: readonly string[];
      readonly json: boolean;
      readonly options: MeasureOptions;
    };

/** @throws UsageError when the arguments are not a valid command */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  const [name, ...files] = positionals;
  if (values.help || name === "help" || argv.length === 0) return { name: "help" };
  const surrogate = surrogateOf(values);
  const label = labelOf(values, surrogate);
  if (name !== "protect" && name !== "protect-set" && name !== "measure")
    throw new UsageError(`expected "protect", "protect-set" or "measure", got "${name}"`);
  const [first] = checkFiles(name, files, values);
  const { json } = values;
  if (name === "measure") return { name, files, json, options: { surrogate: surrogate.id, ...label } };
  const out = checkOut(name, values);
  const common = commonRequest(values, surrogate);
  if (name === "protect")
    return {
      ...{ name, files, out, json, ...jobsOf(values, surrogate) },
      request: { ...common, ...label, ...pictureOptions(values, surrogate) },
    };
  return { name, folder: first, out, json, request: { ...common, ...setOptions(values) } };
}

type CommandName = Exclude<Command["name"], "help">;
type Values = ReturnType<typeof parse>["values"];

function surrogateOf(values: Values): SurrogateEntry {
  const ids = SURROGATES.map(({ id }) => id);
  const id = oneOf("--surrogate", values.surrogate ?? DEFAULT_REQUEST.surrogate, ids);
  return findSurrogate(id) as SurrogateEntry;
}

function labelOf({ label }: Values, { classNames }: SurrogateEntry): { label?: number } {
  if (label === undefined) return {};
  return { label: wholeNumber("--label", label, [0, classNames.length - 1]) };
}

/** Options without a meaning for a command. In a set, the folders are the labels. */
const FOREIGN_OPTIONS: Readonly<Record<CommandName, readonly string[]>> = {
  protect: ["passes", "chunk"],
  "protect-set": ["label", "longest-side", "strength", "quality", "jobs"],
  measure: ["passes", "chunk", "jobs"],
};

/** @returns the files, of which there is at least one */
function checkFiles(
  name: CommandName,
  files: readonly string[],
  values: Values,
): readonly [string, ...string[]] {
  const foreign = FOREIGN_OPTIONS[name].find((option) => Object.hasOwn(values, option));
  if (foreign) throw new UsageError(`${name} takes no --${foreign}`);
  const [first, ...others] = files;
  if (first === undefined)
    throw new UsageError(`${name} needs ${name === "protect-set" ? "a folder" : "at least one file"}`);
  if (name === "protect-set" && others.length > 0)
    throw new UsageError(`${name} takes one folder, got also "${others[0]}"`);
  return [first, ...others];
}

function checkOut(name: CommandName, { out }: Values): string {
  if (out === undefined) throw new UsageError(`${name} needs --out DIR, a folder for the protected copies`);
  return out;
}

/** The part of a request that pictures and sets share. */
function commonRequest(values: Values, { id }: SurrogateEntry) {
  return {
    surrogate: id,
    ...(values.steps !== undefined && { steps: wholeNumber("--steps", values.steps, LIMITS.steps) }),
    ...(values.seed !== undefined && { seed: wholeNumber("--seed", values.seed, LIMITS.seed) }),
  };
}

/** Small pictures are protected as one batch, which is faster than several processes. */
function jobsOf({ jobs }: Values, { cliOnly }: SurrogateEntry): { jobs?: number } {
  if (jobs === undefined) return cliOnly ? { jobs: 1 } : {};
  return { jobs: wholeNumber("--jobs", jobs, JOBS) };
}

function pictureOptions(values: Values, { objectives }: SurrogateEntry) {
  const longestSide = values["longest-side"];
  return {
    ...limitsOfPicture(values),
    objective: oneOf("--objective", values.objective ?? objectives[0], objectives),
    ...(longestSide !== undefined && {
      longestSide: wholeNumber("--longest-side", longestSide, LIMITS.longestSide),
    }),
  };
}

function limitsOfPicture({ strength, budget, quality }: Values) {
  if (budget === undefined) {
    if (quality !== undefined) throw new UsageError("--quality needs a --budget");
    return limitsOf(oneOf("--strength", strength ?? DEFAULT_STRENGTH, STRENGTH_IDS));
  }
  if (strength !== undefined) throw new UsageError("--strength and --budget exclude each other");
  return {
    epsilon: epsilonOf(budget),
    ...(quality !== undefined && { visualQuality: number("--quality", quality, LIMITS.visualQuality) }),
  };
}

function epsilonOf(budget: string): number {
  return number("--budget", budget, LIMITS.budget) / 255;
}

function setOptions({ budget, objective, passes, chunk }: Values) {
  return {
    epsilon: epsilonOf(budget ?? String(DEFAULT_BUDGET)),
    objective: oneOf("--objective", objective ?? SET_DEFAULTS.objective, CLASS_OBJECTIVES),
    ...(passes !== undefined && { passes: wholeNumber("--passes", passes, SET_LIMITS.passes) }),
    ...(chunk !== undefined && { chunk: wholeNumber("--chunk", chunk, SET_LIMITS.chunk) }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        out: { type: "string" },
        strength: { type: "string" },
        budget: { type: "string" },
        quality: { type: "string" },
        surrogate: { type: "string" },
        objective: { type: "string" },
        steps: { type: "string" },
        "longest-side": { type: "string" },
        label: { type: "string" },
        jobs: { type: "string" },
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
