/**
 * Sweeps over a set, chunk by chunk. The result of each chunk is kept in the work folder, and a later run
 * reads it from there: what follows depends on nothing else.
 */
import { join } from "node:path";
import type { Surrogate } from "../../core/engine/surrogate.ts";
import type { OnSetProgress, SetPicture, SetPlan } from "./plan.ts";
import type { FileFigures } from "./report.ts";
import type { WorkFolder } from "./work-folder.ts";

/** All that the stages of a run share. */
export interface SetRun {
  /** The set. */
  readonly folder: string;
  readonly plan: SetPlan;
  readonly work: WorkFolder;
  readonly surrogate: Surrogate;
  readonly sweep: Sweep;
}

export interface Chunk {
  /** Index of its first picture in the plan. */
  readonly from: number;
  readonly pictures: readonly SetPicture[];
}

export interface ChunkResult {
  /** [m, D] */
  readonly embeddings: Float32Array;
  /** After a pass: the perturbations, in 127ths of epsilon. */
  readonly deltas: readonly Int8Array[];
  /** After the files are written. */
  readonly figures: readonly FileFigures[];
}

export interface Stage {
  /** Of its results in the work folder. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Of one picture, in forward passes of the network. */
  readonly cost: number;
}

/** "clean", then each pass, then "written". */
export function stagesOf({ passes, steps }: { passes: number; steps: number }) {
  return {
    clean: { name: "clean", title: "clean", cost: 1 },
    // A gradient step takes about three forward passes.
    pass: (pass: number) => ({
      name: `pass-${pass}`,
      title: `pass ${pass} of ${passes}`,
      cost: 3 * steps,
    }),
    written: { name: "written", title: "written", cost: 2 },
  } as const;
}

/**
 * Makes the results that the work folder lacks, and passes every result on, in order.
 * @throws AbortError when the run's signal fires
 */
export type Sweep = (
  stage: Stage,
  make: (chunk: Chunk) => Promise<ChunkResult>,
  use: (chunk: Chunk, result: ChunkResult) => void,
) => Promise<void>;

/** How long a chunk took is kept with its result. */
type Kept = ChunkResult & { readonly seconds: number };

export interface Sweeper {
  readonly sweep: Sweep;
  /** So far, also of earlier runs. */
  seconds(): number;
}

export function createSweeper(
  { request, pictures }: Pick<SetPlan, "request" | "pictures">,
  work: WorkFolder,
  onProgress?: OnSetProgress,
  signal?: AbortSignal,
): Sweeper {
  const { clean, pass, written } = stagesOf(request);
  const total = (clean.cost + request.passes * pass(1).cost + written.cost) * pictures.length;
  let done = 0;
  let seconds = 0;
  return {
    seconds: () => seconds,
    async sweep(stage, make, use) {
      for (const chunk of chunksOf(pictures, request.chunk)) {
        signal?.throwIfAborted();
        onProgress?.(stage.title, done / total);
        const name = resultName(stage, chunk.from);
        let result = await work.get<Kept>(name);
        if (!result) {
          const start = performance.now();
          const made = await make(chunk);
          result = { ...made, seconds: (performance.now() - start) / 1000 };
          await work.put(name, result);
        }
        use(chunk, result);
        seconds += result.seconds;
        done += stage.cost * chunk.pictures.length;
      }
    },
  };
}

function* chunksOf(pictures: readonly SetPicture[], size: number): Generator<Chunk> {
  for (let from = 0; from < pictures.length; from += size)
    yield { from, pictures: pictures.slice(from, from + size) };
}

/** The result of the chunk from picture `from` on, if there is one. */
export function resultOf(work: WorkFolder, stage: Stage, from: number): Promise<ChunkResult | undefined> {
  return work.get<ChunkResult>(resultName(stage, from));
}

/** Whether a stage is complete. */
export async function isComplete({ plan, work }: SetRun, stage: Stage): Promise<boolean> {
  const { chunk } = plan.request;
  const last = chunk * Math.floor((plan.pictures.length - 1) / chunk);
  return (await resultOf(work, stage, last)) !== undefined;
}

function resultName({ name }: Stage, from: number): string {
  return join(name, String(from));
}
