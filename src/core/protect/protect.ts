/**
 * The use case: decode, shrink if asked to, ascend, encode, decode again and verify, report. The figures "after" are read off the file
 * that leaves, never off what was in memory. Several files take each step one by one, but ascend and are judged together; one
 * file is several of which there is one.
 */
import { decode, encode, isGrey, type PictureInfo, sniff } from "../codecs/index.ts";
import type { Pixels } from "../contract/pixels.ts";
import { Problem } from "../contract/problem.ts";
import type { Progress, Protect, ProtectedPicture } from "../contract/protected-picture.ts";
import { isFeatureObjective, type ProtectionRequest } from "../contract/protection-request.ts";
import { type Canvas, canvasOf } from "../engine/canvas.ts";
import { featureErrorOf, judgeAll, labelError, nameLabels, type Opinion } from "../engine/opinion.ts";
import { applyPerturbation, findPerturbations } from "../engine/perturb.ts";
import { maxChange, psnr, ssim } from "../engine/quality.ts";
import { shrinkTo } from "../engine/shrink.ts";
import type { Surrogate } from "../engine/surrogate.ts";
import { allTogether, eachAlone, type Settled, valueFrom } from "./settled.ts";

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

/** A file to protect. */
export interface Source {
  /** Its bytes; asked for once, when its turn comes. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Protects files, as many together as the surrogate says, and gives what became of each, in their order; one that fails stops
 * or changes no other.
 * @throws AbortError when `signal` fires
 */
export type ProtectAll = (
  sources: readonly Source[],
  options: ProtectionRequest,
  signal?: AbortSignal,
) => AsyncGenerator<Settled<ProtectedPicture>, void>;

export function createProtect(openWorkbench: OpenWorkbench): Protect {
  return async (bytes, request, onProgress, signal) => {
    const source = { read: async () => bytes, ...(onProgress && { onProgress }) };
    const [outcome] = await protectTogether([source], request, openWorkbench, signal);
    return valueFrom(outcome as Settled<ProtectedPicture>);
  };
}

export function createProtectAll(openWorkbench: OpenWorkbench): ProtectAll {
  return async function* (sources, options, signal) {
    // Without a workbench each fails for itself, and says why.
    const together = await openWorkbench(options.surrogate).then(
      ({ surrogate }) => surrogate.together,
      () => 1,
    );
    for (let from = 0; from < sources.length; from += together)
      yield* await protectTogether(sources.slice(from, from + together), options, openWorkbench, signal);
  };
}

async function protectTogether(
  sources: readonly Source[],
  options: ProtectionRequest,
  openWorkbench: OpenWorkbench,
  signal?: AbortSignal,
): Promise<Settled<ProtectedPicture>[]> {
  const begun = sources.map((value): Settled<Source> => ({ status: "fulfilled", value }));
  const opened = await eachAlone(begun, (source) => open(source, options), signal);
  const climbed = await allTogether(
    opened,
    (pictures) => climb(pictures, options, openWorkbench, signal),
    signal,
  );
  const written = await eachAlone(climbed, (picture) => write(picture, signal), signal);
  const verified = await allTogether(written, verify, signal);
  return eachAlone(verified, (picture) => finish(picture, options), signal);
}

/** Shares of a job's time, for one bar over all stages. */
const STAGES = { decode: [0, 0.05], ascend: [0.05, 0.85], encode: [0.85, 0.95], verify: [0.95, 1] } as const;
type Stage = keyof typeof STAGES;

/** A picture on its way, and what the way took so far. */
interface Job {
  /** @param done 0..1 of the stage */
  progress(stage: Stage, done?: number): void;
  readonly seconds: Record<Stage, number>;
}

interface Opened extends Job {
  readonly bytesIn: number;
  readonly info: PictureInfo;
  /** As it was in the file. */
  readonly whole: Pixels;
  /** As it is to be protected. */
  readonly original: Pixels;
}

async function open({ read, onProgress }: Source, { longestSide }: ProtectionRequest): Promise<Opened> {
  const job: Job = {
    progress(stage, done = 0) {
      const [from, to] = STAGES[stage];
      onProgress?.({ stage, fraction: from + done * (to - from) });
    },
    seconds: { decode: 0, ascend: 0, encode: 0, verify: 0 },
  };
  job.progress("decode");
  const bytes = await read();
  return timed("decode", [job], async () => {
    const info = sniff(bytes);
    const whole = await decode(bytes, info);
    const original = shrinkTo(whole, longestSide ?? Number.POSITIVE_INFINITY);
    return { ...job, bytesIn: bytes.length, info, whole, original };
  });
}

interface Climbed extends Opened {
  readonly workbench: Workbench;
  readonly before: Opinion;
  readonly label: number;
  /** Gradient steps taken. */
  readonly steps: number;
  readonly changed: Pixels;
}

function climb(
  pictures: readonly Opened[],
  options: ProtectionRequest,
  openWorkbench: OpenWorkbench,
  signal?: AbortSignal,
): Promise<Climbed[]> {
  const progress = (done?: number) => {
    for (const picture of pictures) picture.progress("ascend", done);
  };
  return timed("ascend", pictures, async () => {
    progress();
    const workbench = await openWorkbench(options.surrogate);
    const { surrogate } = workbench;
    expectLabel(options, surrogate);
    signal?.throwIfAborted();
    const canvases = pictures.map(({ original }) => canvasOf(original, surrogate));
    const before = await judgeAll(canvases, surrogate);
    const given = options.label;
    const labels =
      given === undefined ? await nameLabels(canvases, surrogate, before) : canvases.map(() => given);
    const steps = options.steps ?? surrogate.ascent.steps;
    const budget = { norm: "linf", epsilon: options.epsilon } as const;
    const deltas = await findPerturbations(
      pictures.map(({ original, info }, i) => ({
        canvas: canvases[i] as Canvas,
        fullSize: original,
        label: labels[i] as number,
        luminanceOnly: surrogate.ascent.luminanceOnly || info.grey || isGrey(original),
        seed: options.seed ?? randomSeed(),
      })),
      surrogate,
      {
        ...surrogate.ascent,
        optimiser: "adam",
        objective: options.objective,
        budget,
        steps,
        onStep: (done) => progress(done / steps),
      },
      signal,
    );
    return pictures.map((picture, i) => ({
      ...picture,
      workbench,
      before: before[i] as Opinion,
      label: labels[i] as number,
      steps,
      changed: applyPerturbation(picture.original, deltas[i] as Float32Array, canvases[i] as Canvas, budget),
    }));
  });
}

interface Written extends Climbed {
  readonly file: Uint8Array<ArrayBuffer>;
  /** What the file shows. */
  readonly final: Pixels;
}

async function write(picture: Climbed, signal?: AbortSignal): Promise<Written> {
  const { info, whole, original, changed, bytesIn } = picture;
  picture.progress("encode");
  const file = await timed("encode", [picture], () =>
    encode(changed, { info, ...(original === whole && { bytes: bytesIn }) }, signal),
  );
  signal?.throwIfAborted();
  picture.progress("verify");
  const final = await timed("verify", [picture], () => decode(file, sniff(file)));
  return { ...picture, file, final };
}

interface Verified extends Written {
  readonly after: Opinion;
  /** In feature space, before and after; absent where the surrogate has no bank of features. */
  readonly featureErrors?: { readonly before: number; readonly after: number };
}

function verify(pictures: readonly Written[]): Promise<Verified[]> {
  return timed("verify", pictures, async () => {
    const { surrogate } = (pictures[0] as Written).workbench;
    const canvases = pictures.map(({ final }) => canvasOf(final, surrogate));
    const after = await judgeAll(canvases, surrogate);
    return Promise.all(
      pictures.map(async (picture, i) => {
        const [clean, final] = [picture.before, after[i] as Opinion];
        const [atFirst, atLast] = await Promise.all(
          [clean, final].map((opinion) => featureErrorOf(opinion, clean, surrogate)),
        );
        const known = atFirst !== undefined && atLast !== undefined;
        return {
          ...picture,
          after: final,
          ...(known && { featureErrors: { before: atFirst, after: atLast } }),
        };
      }),
    );
  });
}

async function finish(picture: Verified, options: ProtectionRequest): Promise<ProtectedPicture> {
  const { info, whole, original, file, final, workbench, before, after, label, seconds } = picture;
  const bayesErrors = { before: before.bayesError, after: after.bayesError };
  const labelErrors = { before: labelError(before, label), after: labelError(after, label) };
  const { featureErrors } = picture;
  const byNames = options.objective === "bayes-error" ? bayesErrors : labelErrors;
  const aim = (isFeatureObjective(options.objective) && featureErrors) || byNames;
  if (!(aim.after > aim.before) && aim.before < NOTHING_TO_GAIN)
    throw new Problem({ code: "ineffective/picture" });
  const quality = await timed("verify", [picture], async () => ({
    maxChange: maxChange(original, final),
    psnr: psnr(original, final),
    ssim: ssim(original, final),
  }));
  picture.progress("verify", 1);
  return {
    bytes: file,
    type: info.type,
    report: {
      width: original.width,
      height: original.height,
      ...(original !== whole && { shrunkFrom: { width: whole.width, height: whole.height } }),
      bytesIn: picture.bytesIn,
      bytesOut: file.length,
      backend: workbench.backend,
      surrogate: workbench.surrogate.id,
      objective: options.objective,
      epsilon: options.epsilon,
      steps: picture.steps,
      ...(featureErrors && {
        featureErrorBefore: featureErrors.before,
        featureErrorAfter: featureErrors.after,
      }),
      bayesErrorBefore: bayesErrors.before,
      bayesErrorAfter: bayesErrors.after,
      labelErrorBefore: labelErrors.before,
      labelErrorAfter: labelErrors.after,
      label,
      labelName: className(workbench, label),
      ...quality,
      seconds: { ...seconds, total: seconds.decode + seconds.ascend + seconds.encode + seconds.verify },
    },
  };
}

/** An error so high that a file need not raise it further to be worth sending. */
const NOTHING_TO_GAIN = 0.9;

function expectLabel({ label }: ProtectionRequest, surrogate: Surrogate): void {
  if (label === undefined || (Number.isInteger(label) && label >= 0 && label < surrogate.numClasses)) return;
  throw new RangeError(`expected a label of 0 to ${surrogate.numClasses - 1}, got ${label}`);
}

/** Unpredictable, so that two protections of one picture share no pattern to recognise. */
function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number;
}

/** Does some work for pictures, and divides what it takes evenly among them. */
async function timed<T>(stage: Stage, pictures: readonly Job[], work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  for (const picture of pictures) picture.seconds[stage] += seconds / pictures.length;
  return result;
}
