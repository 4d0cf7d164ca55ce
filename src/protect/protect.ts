/**
 * The use case: decode, shrink if asked to, ascend, encode, decode again and verify, report. The figures "after" are read off the file
 * that leaves, never off what was in memory.
 */
import { decode, encode, isGrey, sniff } from "../codecs/index.ts";
import {
  applyPerturbation,
  canvasOf,
  findPerturbation,
  judge,
  labelError,
  nameLabel,
} from "../engine/perturb.ts";
import { maxChange, psnr, ssim } from "../engine/quality.ts";
import { shrinkTo } from "../engine/shrink.ts";
import type { Surrogate } from "../engine/surrogate.ts";
import { Problem } from "../shared/errors.ts";
import type { Protect, ProtectOptions } from "../shared/protection.ts";
import type { Progress } from "../shared/report.ts";

/** A surrogate that is ready to work, on the backend that it works on. */
export interface Workbench {
  readonly surrogate: Surrogate;
  /** Names of the surrogate's classes, in order. */
  readonly classNames: readonly string[];
  /** tfjs backend: `webgl`, `wasm` or `cpu`. */
  readonly backend: string;
}

/** What people call a class. */
export function className({ classNames }: Workbench, label: number): string {
  return classNames[label] ?? `class ${label}`;
}

/** Prepares a surrogate by its id, once; rejects with a `Problem` when it is unknown or no backend starts. */
export type OpenWorkbench = (surrogateId: string) => Promise<Workbench>;

/** Shares of a job's time, for one bar over all stages. */
const STAGES = { decode: [0, 0.05], ascend: [0.05, 0.85], encode: [0.85, 0.95], verify: [0.95, 1] } as const;

export function createProtect(openWorkbench: OpenWorkbench): Protect {
  return async (bytes, options, signal) => {
    const clock = createClock();
    const report = (stage: keyof typeof STAGES, done = 0) => {
      const [from, to] = STAGES[stage];
      options.onProgress?.({ stage, fraction: from + done * (to - from) } satisfies Progress);
    };
    signal?.throwIfAborted();

    report("decode");
    const info = sniff(bytes);
    const whole = await decode(bytes, info);
    const original = shrinkTo(whole, options.longestSide ?? Number.POSITIVE_INFINITY);
    const shrunk = original !== whole;
    signal?.throwIfAborted();
    const decodeSeconds = clock.lap();

    report("ascend");
    const workbench = await openWorkbench(options.surrogate);
    const { surrogate, backend } = workbench;
    expectLabel(options, surrogate);
    signal?.throwIfAborted();
    const canvas = canvasOf(original, surrogate);
    const before = await judge(canvas, surrogate);
    const label = options.label ?? (await nameLabel(canvas, surrogate, before));
    const steps = options.steps ?? surrogate.ascent.steps;
    const budget = { norm: "linf", epsilon: options.epsilon } as const;
    const delta = await findPerturbation(
      canvas,
      original,
      surrogate,
      {
        ...surrogate.ascent,
        optimiser: "adam",
        objective: options.objective,
        budget,
        label,
        steps,
        grey: info.grey || isGrey(original),
        seed: options.seed ?? randomSeed(),
        onStep: (done) => report("ascend", done / steps),
      },
      signal,
    );
    const changed = applyPerturbation(original, delta, canvas, budget);
    const ascendSeconds = clock.lap();

    report("encode");
    const file = await encode(changed, { info, ...(!shrunk && { bytes: bytes.length }) }, signal);
    signal?.throwIfAborted();
    const encodeSeconds = clock.lap();

    report("verify");
    const final = await decode(file, sniff(file));
    const after = await judge(canvasOf(final, surrogate), surrogate);
    const bayesErrors = { before: before.bayesError, after: after.bayesError };
    const labelErrors = { before: labelError(before, label), after: labelError(after, label) };
    const aim = options.objective === "overlap" ? labelErrors : bayesErrors;
    if (!(aim.after > aim.before) && aim.before < NOTHING_TO_GAIN)
      throw new Problem(
        "ineffective",
        "The change did not survive in the finished file, so this picture would not be protected. A larger budget may help.",
      );
    const quality = {
      maxChange: maxChange(original, final),
      psnr: psnr(original, final),
      ssim: ssim(original, final),
    };
    const verifySeconds = clock.lap();
    report("verify", 1);

    return {
      bytes: file,
      type: info.type,
      report: {
        width: original.width,
        height: original.height,
        ...(shrunk && { shrunkFrom: { width: whole.width, height: whole.height } }),
        bytesIn: bytes.length,
        bytesOut: file.length,
        backend,
        surrogate: surrogate.id,
        objective: options.objective,
        epsilon: options.epsilon,
        steps,
        bayesErrorBefore: bayesErrors.before,
        bayesErrorAfter: bayesErrors.after,
        labelErrorBefore: labelErrors.before,
        labelErrorAfter: labelErrors.after,
        label,
        labelName: className(workbench, label),
        ...quality,
        seconds: {
          decode: decodeSeconds,
          ascend: ascendSeconds,
          encode: encodeSeconds,
          verify: verifySeconds,
          total: clock.total(),
        },
      },
    };
  };
}

/** An error so high that a file need not raise it further to be worth sending. */
const NOTHING_TO_GAIN = 0.9;

function expectLabel({ label }: ProtectOptions, surrogate: Surrogate): void {
  if (label === undefined || (Number.isInteger(label) && label >= 0 && label < surrogate.numClasses)) return;
  throw new RangeError(`expected a label of 0 to ${surrogate.numClasses - 1}, got ${label}`);
}

/** Unpredictable, so that two protections of one picture share no pattern to recognise. */
function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number;
}

/** Seconds since the last lap, and in all. */
function createClock() {
  const start = performance.now();
  let last = start;
  return {
    lap() {
      const now = performance.now();
      const seconds = (now - last) / 1000;
      last = now;
      return seconds;
    },
    total: () => (performance.now() - start) / 1000,
  };
}
