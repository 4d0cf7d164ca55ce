/**
 * A request to protect one picture: the same type and bounds in the settings, in messages, in the engine and
 * on the command line.
 */
import * as v from "valibot";
import { MAX_SIDE, MIN_SIDE } from "./pixels.ts";

/** Objectives on class names: `bayes-error`, the paper's; `overlap`, the label error. See docs/method.md. */
export type ClassObjectiveId = "overlap" | "bayes-error";
/**
 * Objectives on features: `features`, the label error in feature space; `cosine`, a plain form to compare
 * with. See docs/method.md.
 */
export type FeatureObjectiveId = "features" | "cosine";
export type ObjectiveId = FeatureObjectiveId | ClassObjectiveId;

/** The recommended one first. */
export const CLASS_OBJECTIVES = ["overlap", "bayes-error"] as const satisfies readonly ClassObjectiveId[];
export const OBJECTIVES = [
  "features",
  "cosine",
  ...CLASS_OBJECTIVES,
] as const satisfies readonly ObjectiveId[];

export function isFeatureObjective(id: ObjectiveId): id is FeatureObjectiveId {
  return id === "features" || id === "cosine";
}

/**
 * The three strengths that people can choose, by what is seen of them: the L-infinity budget in 255ths of a
 * channel's range, and the visual quality (SSIMULACRA 2) of the finished file at which a change grows no further.
 */
export const STRENGTHS = {
  invisible: { budget: 8, visualQuality: 80 },
  balanced: { budget: 10, visualQuality: 68 },
  strong: { budget: 16, visualQuality: 50 },
} as const satisfies Readonly<Record<string, { budget: number; visualQuality: number }>>;
export type StrengthId = keyof typeof STRENGTHS;
export const DEFAULT_STRENGTH: StrengthId = "balanced";

/** Smallest and largest value of each number in a request, both allowed. */
export const LIMITS = {
  /** In 255ths. */
  budget: [1, 64],
  /** SSIMULACRA 2: 90 is what nobody can tell apart, 70 high, 50 medium quality. */
  visualQuality: [0, 100],
  steps: [1, 10_000],
  longestSide: [MIN_SIDE, MAX_SIDE],
  seed: [0, 2 ** 32 - 1],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

const wholeNumber = ([least, most]: readonly [number, number]) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

/**
 * Checks a request that comes from outside: from storage, from the process of a page, from a command line.
 */
export const protectionRequestSchema = v.object({
  /** L-infinity budget as a fraction of the 0..1 range, e.g. 8/255. */
  epsilon: v.pipe(v.number(), v.minValue(LIMITS.budget[0] / 255), v.maxValue(LIMITS.budget[1] / 255)),
  /**
   * The change is made smaller until the finished file has this visual quality, if it can be had; by default
   * only the budget limits it.
   */
  visualQuality: v.exactOptional(
    v.pipe(v.number(), v.minValue(LIMITS.visualQuality[0]), v.maxValue(LIMITS.visualQuality[1])),
  ),
  /** Id of a surrogate in `core/models/registry.ts`. */
  surrogate: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i)),
  objective: v.picklist(OBJECTIVES),
  /** Gradient steps; by default as many as suit the surrogate. */
  steps: v.exactOptional(wholeNumber(LIMITS.steps)),
  /** A picture whose longest side is longer is shrunk to it first. In pixels. */
  longestSide: v.exactOptional(wholeNumber(LIMITS.longestSide)),
  /** Class index whose error is raised; by default the argmax on the clean picture. */
  label: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Makes the result repeatable; random by default, so that two results share no pattern. */
  seed: v.exactOptional(wholeNumber(LIMITS.seed)),
});

export type ProtectionRequest = Readonly<v.InferOutput<typeof protectionRequestSchema>>;

/** What a strength asks for. */
export function limitsOf(strength: StrengthId): Pick<ProtectionRequest, "epsilon" | "visualQuality"> {
  const { budget, visualQuality } = STRENGTHS[strength];
  return { epsilon: budget / 255, visualQuality };
}

/** Used where nobody says otherwise. */
export const DEFAULT_REQUEST = {
  ...limitsOf(DEFAULT_STRENGTH),
  surrogate: "photographs",
  objective: "features",
} as const satisfies ProtectionRequest;
