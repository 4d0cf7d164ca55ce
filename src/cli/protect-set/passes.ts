/** The sweeps that optimise a set: one embeds the clean pictures, then each pass perturbs them further. */
import { classObjectives } from "../../core/engine/class-objectives.ts";
import type { LabelledSet } from "../../core/engine/class-sums.ts";
import { createJointError, type JointError, type SetErrors } from "../../core/engine/joint-error.ts";
import { embedPictures, perturbChunk } from "../../core/engine/perturb-chunk.ts";
import { type Chunk, type ChunkResult, isComplete, resultOf, type SetRun, stagesOf } from "./chunks.ts";
import { loadPicture } from "./picture.ts";
import { SIGMA } from "./report.ts";

const KERNEL = { kind: "rbf", sigma: SIGMA } as const;

/** The embeddings of a set, collected chunk by chunk. */
export interface SetEmbeddings {
  put(from: number, embeddings: Float32Array): void;
  /** @throws Error before the first `put` */
  set(): LabelledSet;
}

export function createSetEmbeddings({ classes, pictures }: SetRun["plan"], chunk: number): SetEmbeddings {
  let set: LabelledSet | undefined;
  return {
    put(from, embeddings) {
      const dimension = embeddings.length / Math.min(chunk, pictures.length - from);
      set ??= {
        embeddings: new Float32Array(pictures.length * dimension),
        dimension,
        labels: Int32Array.from(pictures, ({ label }) => label),
        numClasses: classes.length,
      };
      set.embeddings.set(embeddings, from * dimension);
    },
    set() {
      if (!set) throw new Error("expected the embeddings of at least one chunk");
      return set;
    },
  };
}

/** The joint errors of a set. */
export function jointErrors(embeddings: SetEmbeddings): SetErrors {
  return createJointError(embeddings.set(), KERNEL).errors();
}

export async function embedCleanSet(run: SetRun, embeddings: SetEmbeddings): Promise<void> {
  const make = async ({ pictures }: Chunk): Promise<ChunkResult> => {
    const scaled = [];
    for (const picture of pictures) scaled.push((await loadPicture(run, picture)).scaled);
    return { embeddings: await embedPictures(scaled, run.surrogate), deltas: [], figures: [] };
  };
  await run.sweep(stagesOf(run.plan.request).clean, make, ({ from }, result) =>
    embeddings.put(from, result.embeddings),
  );
}

/** @param pass from 1 on */
export async function optimisePass(
  run: SetRun,
  pass: number,
  embeddings: SetEmbeddings,
  signal?: AbortSignal,
): Promise<void> {
  const stage = stagesOf(run.plan.request).pass(pass);
  // An earlier run's chunks are replaced one by one, in the same order as then, so that the sums are the same
  // to the last bit.
  const joint = (await isComplete(run, stage)) ? undefined : createJointError(embeddings.set(), KERNEL);
  await run.sweep(
    stage,
    (chunk) => optimiseChunk(run, { pass, joint: joint as JointError }, chunk, signal),
    ({ from }, result) =>
      joint ? joint.replaceChunk(from, result.embeddings) : embeddings.put(from, result.embeddings),
  );
}

async function optimiseChunk(
  run: SetRun,
  { pass, joint }: { readonly pass: number; readonly joint: JointError },
  { from, pictures }: Chunk,
  signal?: AbortSignal,
): Promise<ChunkResult> {
  const { work, surrogate } = run;
  const { objective, epsilon, steps, passes, seed } = run.plan.request;
  const { mask, stepScale } = surrogate.ascent;
  const before = await resultOf(work, stagesOf(run.plan.request).pass(pass - 1), from);
  const loaded = [];
  for (const [i, picture] of pictures.entries()) {
    const { scaled, pixels, luminanceOnly } = await loadPicture(run, picture);
    const delta = before && dequantised(before.deltas[i] as Int8Array, epsilon);
    loaded.push({ scaled, fullSize: pixels, luminanceOnly, delta });
  }
  const chunkObjective = joint.ofChunk(from, pictures.length, classObjectives[objective]);
  try {
    const { deltas, embeddings } = await perturbChunk(
      loaded,
      surrogate,
      {
        objective: chunkObjective,
        epsilon,
        steps,
        stepSize: (stepScale * epsilon) / (steps * passes),
        mask,
        seed: seed ^ Math.imul(pass, 0x9e3779b1) ^ Math.imul(from + 1, 0x85ebca6b),
      },
      signal,
    );
    return { embeddings, deltas: deltas.map((delta) => quantised(delta, epsilon)), figures: [] };
  } finally {
    chunkObjective.dispose();
  }
}

/** A quarter of the space on the disk, with an error below a tenth of a 255th. */
export function quantised(delta: Float32Array, epsilon: number): Int8Array {
  return Int8Array.from(delta, (value) => Math.round((127 * value) / epsilon));
}

export function dequantised(steps: Int8Array, epsilon: number): Float32Array {
  return Float32Array.from(steps, (step) => (step * epsilon) / 127);
}
