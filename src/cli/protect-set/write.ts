/**
 * The sweep that writes the protected files into the work folder, evaluates them, and moves them to the
 * results at the end.
 */
import { join } from "node:path";
import { applyPerturbation } from "../../core/engine/apply-perturbation.ts";
import { embedPictures } from "../../core/engine/perturb-chunk.ts";
import { toScale } from "../../core/engine/scaled-picture.ts";
import { type EvaluatedFile, encodeAndEvaluate } from "../../core/protect/evaluate.ts";
import { type Chunk, type ChunkResult, resultOf, type SetRun, stagesOf } from "./chunks.ts";
import { dequantised, type SetEmbeddings } from "./passes.ts";
import { loadPicture } from "./picture.ts";
import type { SetPicture, SetPlan } from "./plan.ts";
import type { FileFigures } from "./report.ts";
import { moveOnce, type WorkFolder, writeWithFolders } from "./work-folder.ts";

/** @returns the figures of each file; `embeddings` gets those of the written files */
export async function writeSet(
  run: SetRun,
  embeddings: SetEmbeddings,
  signal?: AbortSignal,
): Promise<FileFigures[]> {
  const figures: FileFigures[] = [];
  await run.sweep(
    stagesOf(run.plan.request).written,
    (chunk) => writeChunk(run, chunk, signal),
    ({ from }, result) => {
      embeddings.put(from, result.embeddings);
      figures.push(...result.figures);
    },
  );
  return figures;
}

async function writeChunk(
  run: SetRun,
  { from, pictures }: Chunk,
  signal?: AbortSignal,
): Promise<ChunkResult> {
  const { work, surrogate } = run;
  const { passes } = run.plan.request;
  const { deltas } = (await resultOf(work, stagesOf(run.plan.request).pass(passes), from)) as ChunkResult;
  const scaled = [];
  const figures: FileFigures[] = [];
  for (const [i, picture] of pictures.entries()) {
    const { bytesIn, file } = await writePicture(run, picture, deltas[i] as Int8Array, signal);
    scaled.push(toScale(file.decoded, surrogate));
    figures.push({ ...file.quality, bytesIn, bytesOut: file.bytes.length });
  }
  return { embeddings: await embedPictures(scaled, surrogate), deltas: [], figures };
}

async function writePicture(
  run: SetRun,
  picture: SetPicture,
  quantisedDelta: Int8Array,
  signal?: AbortSignal,
): Promise<{ bytesIn: number; file: EvaluatedFile }> {
  const { epsilon } = run.plan.request;
  const { bytes, info, pixels, scaled } = await loadPicture(run, picture);
  const delta = dequantised(quantisedDelta, epsilon);
  const changed = applyPerturbation(pixels, delta, scaled, {
    norm: "linf",
    epsilon,
  });
  const original = { pixels, info, bytes: bytes.length };
  const file = await encodeAndEvaluate(original, changed, undefined, signal);
  await writeWithFolders(join(run.work.path, "files", picture.file), file.bytes);
  return { bytesIn: bytes.length, file };
}

/** Moves all files of a set to the results; an interrupted call may be repeated. */
export async function moveResults({ pictures }: SetPlan, work: WorkFolder, out: string): Promise<void> {
  for (const picture of pictures)
    await moveOnce(join(work.path, "files", picture.file), join(out, picture.out));
}
