/**
 * The use case for the owner of a labelled set: raises the joint Bayes error of all its pictures, in passes over the set,
 * and writes them all. A run that was stopped goes on where it was: every chunk's result is kept in a work folder until
 * the end, and what follows depends on nothing else. Nothing appears among the results before all of it is verified.
 */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { problemText } from "../bridge/strings/problems.ts";
import { decode, encode, isGrey, sniff } from "../core/codecs/index.ts";
import { Problem, toProblemData } from "../core/contract/problem.ts";
import type { NameObjectiveId } from "../core/contract/protection-request.ts";
import { canvasOf } from "../core/engine/canvas.ts";
import { createJoint, type LabelledSet } from "../core/engine/joint.ts";
import { objectives } from "../core/engine/objective.ts";
import { applyPerturbation } from "../core/engine/perturb.ts";
import { embedCanvases, perturbChunk } from "../core/engine/perturb-chunk.ts";
import { maxChange, psnr, ssim } from "../core/engine/quality.ts";
import { createRandom } from "../core/engine/random.ts";
import { inThreeChannels } from "../core/engine/stage.ts";
import type { OpenWorkbench } from "../core/protect/protect.ts";
import {
  type LeftOut,
  listSet,
  moveOnce,
  openWorkFolder,
  type WorkFolder,
  writeWhole,
} from "./set-folder.ts";
import { UsageError } from "./usage-error.ts";

export interface ProtectSetOptions {
  /** L-infinity budget as a fraction of the 0..1 range, e.g. 8/255. */
  readonly epsilon: number;
  readonly surrogate: string;
  readonly objective: NameObjectiveId;
  /** Gradient steps of each picture in each pass, at least 1. */
  readonly steps?: number;
  /** Times that each picture is visited, at least 1. */
  readonly passes?: number;
  /** Pictures that move together, at least 1; the network holds their gradients at once. */
  readonly chunk?: number;
  /** Makes the result reproducible. */
  readonly seed?: number;
  /** What is being done, and how much of all of it is done, 0..1. */
  readonly onProgress?: (stage: string, fraction: number) => void;
}

export const SET_DEFAULTS = { steps: 10, passes: 3, chunk: 8 } as const;

/** Of the RBF kernel, on embeddings of length 1. */
const SIGMA = 0.15;

export interface SetReport {
  readonly classes: readonly { readonly name: string; readonly pictures: number }[];
  readonly pictures: number;
  readonly leftOut: readonly LeftOut[];
  /** What a person should know about the set; sentences. */
  readonly notes: readonly string[];
  readonly backend: string;
  readonly surrogate: string;
  readonly sigma: number;
  readonly objective: NameObjectiveId;
  readonly epsilon: number;
  readonly steps: number;
  readonly passes: number;
  readonly chunk: number;
  readonly seed: number;
  /** Of the whole set, leave one out: the mean of 1 - max p(c|i), 0..1-1/C. "After" is read off the written files. */
  readonly bayesErrorBefore: number;
  readonly bayesErrorAfter: number;
  /** The mean of 1 - p(y|i), y the picture's own class. */
  readonly labelErrorBefore: number;
  readonly labelErrorAfter: number;
  /** Largest change of a channel value in all written files, in 255ths. */
  readonly maxChange: number;
  /** Means over the pictures. */
  readonly psnr: number;
  readonly ssim: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** All of the work, also of runs that were stopped. */
  readonly seconds: number;
}

/** What a run is about; it may go on only if this stays the same. */
interface Plan {
  readonly options: Required<Omit<ProtectSetOptions, "onProgress">>;
  readonly classes: readonly string[];
  /** In the order of the chunks. */
  readonly pictures: readonly Planned[];
  readonly leftOut: readonly LeftOut[];
  readonly notes: readonly string[];
}

interface Planned {
  /** "class/name" */
  readonly file: string;
  readonly label: number;
  readonly sha256: string;
}

/** What is kept of a chunk: after "clean" and "written" no deltas, figures only after "written". */
interface ChunkResult {
  /** [m, D] */
  readonly embeddings: Float32Array;
  /** In 127ths of epsilon. */
  readonly deltas: readonly Int8Array[];
  readonly figures: readonly Figures[];
  readonly seconds: number;
}

type Figures = Pick<SetReport, "maxChange" | "psnr" | "ssim" | "bytesIn" | "bytesOut">;

/**
 * Protects a labelled set. Rejects with a `UsageError` when there is nothing to do or when the work folder is another run's; with a
 * `Problem` when the error did not rise; or with an `AbortError` when `signal` fires.
 * @param folder one folder a class
 * @param out gets the same folders and names, and the report as penumbra-set.json
 */
export type ProtectSet = (
  folder: string,
  out: string,
  options: ProtectSetOptions,
  signal?: AbortSignal,
) => Promise<SetReport>;

export function createProtectSet(openWorkbench: OpenWorkbench): ProtectSet {
  return async (folder, out, { onProgress, ...given }, signal) => {
    const inside = relative(resolve(folder), resolve(out));
    if (inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside))
      throw new UsageError("The results may not go into the set itself; choose another --out.");
    const work = openWorkFolder(join(out, ".penumbra-set"));
    const plan = await planOf(folder, work, given, onProgress);
    const { options, pictures, classes } = plan;
    const { surrogate, backend } = await openWorkbench(options.surrogate);
    const budget = { norm: "linf", epsilon: options.epsilon } as const;
    const { mask, stepScale, luminanceOnly } = surrogate.ascent;

    const load = async ({ file, sha256 }: Planned) => {
      const bytes = await readPicture(folder, file);
      if (hashOf(bytes) !== sha256)
        throw new UsageError(`“${file}” was changed since this run began. ${startOver(work)}`);
      const info = sniff(bytes);
      const pixels = await decode(bytes, info);
      return {
        bytes,
        info,
        pixels,
        canvas: canvasOf(pixels, surrogate),
        luminanceOnly: luminanceOnly || info.grey || isGrey(pixels),
      };
    };

    // Shares of the time, by what the network has to do.
    const costs = { clean: 1, pass: 3 * options.steps, written: 2 };
    const whole = (costs.clean + options.passes * costs.pass + costs.written) * pictures.length;
    let cost = 0;
    let seconds = 0;
    /** Does what is not done yet, chunk by chunk, and hands over each result, the earlier ones too. */
    async function sweep(
      stage: keyof typeof costs,
      pass: number,
      make: (from: number, chunk: readonly Planned[]) => Promise<Omit<ChunkResult, "seconds">>,
      use: (from: number, result: ChunkResult) => void,
    ): Promise<void> {
      for (let from = 0; from < pictures.length; from += options.chunk) {
        signal?.throwIfAborted();
        onProgress?.(stage === "pass" ? `pass ${pass} of ${options.passes}` : stage, cost / whole);
        const name = chunkName(stage, pass, from);
        const chunk = pictures.slice(from, from + options.chunk);
        let result = await work.get<ChunkResult>(name);
        if (!result) {
          const start = performance.now();
          const made = await make(from, chunk);
          result = { ...made, seconds: (performance.now() - start) / 1000 };
          await work.put(name, result);
        }
        use(from, result);
        seconds += result.seconds;
        cost += costs[stage] * chunk.length;
      }
    }

    let set: LabelledSet | undefined;
    const place = (from: number, { embeddings }: ChunkResult) => {
      const dimension = embeddings.length / Math.min(options.chunk, pictures.length - from);
      set ??= {
        embeddings: new Float32Array(pictures.length * dimension),
        dimension,
        labels: Int32Array.from(pictures, ({ label }) => label),
        numClasses: classes.length,
      };
      set.embeddings.set(embeddings, from * dimension);
    };
    const errors = () => createJoint(set as LabelledSet, { kind: "rbf", sigma: SIGMA }).errors();

    await sweep(
      "clean",
      0,
      async (_, chunk) => {
        const canvases = [];
        for (const picture of chunk) canvases.push((await load(picture)).canvas);
        return { embeddings: await embedCanvases(canvases, surrogate), deltas: [], figures: [] };
      },
      place,
    );
    const before = errors();

    for (let pass = 1; pass <= options.passes; pass++) {
      const last = chunkName("pass", pass, options.chunk * Math.floor((pictures.length - 1) / options.chunk));
      // Chunks that were done before are put in their places one by one, as they were then: the sums are the same to the bit.
      const joint = (await work.get(last))
        ? undefined
        : createJoint(set as LabelledSet, { kind: "rbf", sigma: SIGMA });
      await sweep(
        "pass",
        pass,
        async (from, chunk) => {
          const earlier = await work.get<ChunkResult>(chunkName("pass", pass - 1, from));
          const loaded = [];
          for (const [i, picture] of chunk.entries()) {
            const { canvas, pixels, luminanceOnly } = await load(picture);
            const { width, height } = pixels;
            const delta = earlier && restored(earlier.deltas[i] as Int8Array, options.epsilon);
            loaded.push({ canvas, fullSize: { width, height }, luminanceOnly, delta });
          }
          const moving = (joint as NonNullable<typeof joint>).move(
            from,
            chunk.length,
            objectives[options.objective],
          );
          try {
            const { deltas, embeddings } = await perturbChunk(
              loaded,
              moving,
              surrogate,
              {
                epsilon: options.epsilon,
                steps: options.steps,
                stepSize: (stepScale * options.epsilon) / (options.steps * options.passes),
                mask,
                seed: options.seed ^ Math.imul(pass, 0x9e3779b1) ^ Math.imul(from + 1, 0x85ebca6b),
              },
              signal,
            );
            return {
              embeddings,
              deltas: deltas.map((delta) => quantised(delta, options.epsilon)),
              figures: [],
            };
          } finally {
            moving.dispose();
          }
        },
        (from, result) => (joint ? joint.replace(from, result.embeddings) : place(from, result)),
      );
    }

    const written = join(work.path, "written");
    const figures: Figures[] = [];
    await sweep(
      "written",
      0,
      async (from, chunk) => {
        const { deltas } = (await work.get<ChunkResult>(
          chunkName("pass", options.passes, from),
        )) as ChunkResult;
        const canvases = [];
        const figures: Figures[] = [];
        for (const [i, picture] of chunk.entries()) {
          const { bytes, info, pixels, canvas, luminanceOnly } = await load(picture);
          const delta = restored(deltas[i] as Int8Array, options.epsilon);
          const changed = applyPerturbation(
            pixels,
            luminanceOnly ? inThreeChannels(delta) : delta,
            canvas,
            budget,
          );
          const file = await encode(changed, { info, bytes: bytes.length }, signal);
          await writeWhole(join(written, picture.file), file);
          const final = await decode(file, sniff(file));
          canvases.push(canvasOf(final, surrogate));
          figures.push({
            maxChange: maxChange(pixels, final),
            psnr: psnr(pixels, final),
            ssim: ssim(pixels, final),
            bytesIn: bytes.length,
            bytesOut: file.length,
          });
        }
        return { embeddings: await embedCanvases(canvases, surrogate), deltas: [], figures };
      },
      (from, result) => {
        place(from, result);
        figures.push(...result.figures);
      },
    );
    const after = errors();
    const aim = options.objective === "overlap" ? "labelError" : "bayesError";
    if (!(after[aim] > before[aim]))
      throw new Problem({
        code: "ineffective/set",
        measure: aim === "bayesError" ? "bayes" : "label",
        before: before[aim],
        after: after[aim],
        workFolder: work.path,
      });

    const sum = (of: keyof Figures) => figures.reduce((total, one) => total + one[of], 0);
    const report: SetReport = {
      classes: classes.map((name, label) => ({
        name,
        pictures: pictures.filter((picture) => picture.label === label).length,
      })),
      pictures: pictures.length,
      leftOut: plan.leftOut,
      notes: plan.notes,
      backend,
      sigma: SIGMA,
      ...options,
      bayesErrorBefore: before.bayesError,
      bayesErrorAfter: after.bayesError,
      labelErrorBefore: before.labelError,
      labelErrorAfter: after.labelError,
      maxChange: figures.reduce((most, one) => Math.max(most, one.maxChange), 0),
      psnr: sum("psnr") / figures.length,
      ssim: sum("ssim") / figures.length,
      bytesIn: sum("bytesIn"),
      bytesOut: sum("bytesOut"),
      seconds,
    };
    for (const { file } of pictures) await moveOnce(join(written, file), join(out, file));
    await writeWhole(
      join(out, "penumbra-set.json"),
      new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`),
    );
    await work.clear();
    return report;
  };
}

/** The plan in the work folder, if it is of the same set and options; otherwise a new one. */
async function planOf(
  folder: string,
  work: WorkFolder,
  given: Omit<ProtectSetOptions, "onProgress">,
  onProgress: ProtectSetOptions["onProgress"],
): Promise<Plan> {
  const listing = await listSet(folder);
  const begun = await work.get<Plan>("plan");
  if (begun) {
    const { seed } = begun.options;
    const options: Plan["options"] = { ...SET_DEFAULTS, seed, ...given };
    for (const [name, value] of Object.entries(options)) {
      const then = begun.options[name as keyof Plan["options"]];
      if (then !== value)
        throw new UsageError(
          `A run with ${name} ${then} was begun there; this one has ${name} ${value}. ${startOver(work)}`,
        );
    }
    const then = [...begun.pictures, ...begun.leftOut].map(({ file }) => file).sort();
    const now = [...listing.files, ...listing.leftOut.map(({ file }) => file)].sort();
    if (then.join("\n") !== now.join("\n"))
      throw new UsageError(`The set has other files than when the run was begun. ${startOver(work)}`);
    return begun;
  }

  const leftOut = [...listing.leftOut];
  const usable: { file: string; className: string; sha256: string }[] = [];
  for (const [i, file] of listing.files.entries()) {
    onProgress?.(`looking at ${file}`, i / listing.files.length);
    try {
      const bytes = await readPicture(folder, file);
      await decode(bytes, sniff(bytes));
      usable.push({ file, className: file.slice(0, file.indexOf("/")), sha256: hashOf(bytes) });
    } catch (error) {
      leftOut.push({ file, reason: problemText(toProblemData(error)) });
    }
  }
  const classes = [...new Set(usable.map(({ className }) => className))];
  if (classes.length < 2)
    throw new UsageError(
      `Pictures of at least two classes are needed, each class a folder; found ${classes.length}.${leftOut
        .slice(0, 3)
        .map(({ file, reason }) => ` ${file}: ${reason}`)
        .join("")}`,
    );
  const options = {
    ...SET_DEFAULTS,
    seed: crypto.getRandomValues(new Uint32Array(1))[0] as number,
    ...given,
  };
  const plan: Plan = {
    options,
    classes,
    pictures: shuffled(
      usable.map(({ file, className, sha256 }) => ({ file, label: classes.indexOf(className), sha256 })),
      options.seed,
    ),
    leftOut,
    notes: notesOn(usable, listing.emptyFolders),
  };
  await work.put("plan", plan);
  return plan;
}

function notesOn(
  usable: readonly { file: string; className: string; sha256: string }[],
  emptyFolders: readonly string[],
): string[] {
  const notes = emptyFolders.map((name) => `“${name}” is an empty folder.`);
  const sizes = new Map<string, number>();
  const first = new Map<string, string>();
  for (const { file, className, sha256 } of usable) {
    sizes.set(className, (sizes.get(className) ?? 0) + 1);
    const twin = first.get(sha256);
    if (twin === undefined) first.set(sha256, file);
    else notes.push(`${file} is the same file as ${twin}; both are protected, each for itself.`);
  }
  for (const [name, size] of sizes)
    if (size === 1) notes.push(`“${name}” has one picture only, so nothing in the set speaks for its class.`);
  return notes;
}

async function readPicture(folder: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(join(folder, file)));
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function startOver(work: WorkFolder): string {
  return `To start over, delete ${work.path} or choose another --out.`;
}

function chunkName(stage: string, pass: number, from: number): string {
  return join(stage === "pass" ? `pass-${pass}` : stage, String(from));
}

/** Chunks of mixed classes, whatever the order of the names. */
function shuffled<T>(items: T[], seed: number): T[] {
  const random = createRandom(seed);
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}

/** A quarter of the space on the disk, at a cost of less than a tenth of a 255th. */
function quantised(delta: Float32Array, epsilon: number): Int8Array {
  return Int8Array.from(delta, (value) => Math.round((127 * value) / epsilon));
}

function restored(steps: Int8Array, epsilon: number): Float32Array {
  return Float32Array.from(steps, (step) => (step * epsilon) / 127);
}
