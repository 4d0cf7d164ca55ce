/**
 * The use case for the owner of a labelled set: raises the joint error of all its pictures, in passes over
 * the set, and writes them all. An interrupted run continues where it stopped (chunks.ts). No result appears
 * before all files are written and evaluated.
 */
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { SetRequest } from "../../core/contract/set-request.ts";
import type { LoadModel } from "../../core/protect/loaded-models.ts";
import { UsageError } from "../usage-error.ts";
import { createSweeper } from "./chunks.ts";
import { createSetEmbeddings, embedCleanSet, jointErrors, optimisePass } from "./passes.ts";
import { type OnSetProgress, openPlan } from "./plan.ts";
import { checkSetEffective, type SetReport, setReportOf } from "./report.ts";
import { openWorkFolder, writeWithFolders } from "./work-folder.ts";
import { moveResults, writeSet } from "./write.ts";

export interface SetFolders {
  /** The set: one folder a class. */
  readonly folder: string;
  /** Gets the same folders and names, and the report as penumbra-set.json. */
  readonly out: string;
}

/**
 * Protects a labelled set. Rejects with a `UsageError` when there is nothing to do or when the work folder
 * belongs to another run; with a `Problem` when the error did not rise; or with an `AbortError` when `signal`
 * fires.
 */
export type ProtectSet = (
  folders: SetFolders,
  request: SetRequest,
  onProgress?: OnSetProgress,
  signal?: AbortSignal,
) => Promise<SetReport>;

export function createProtectSet(loadModel: LoadModel): ProtectSet {
  return async ({ folder, out }, request, onProgress, signal) => {
    checkOutside({ folder, out });
    const work = openWorkFolder(join(out, ".penumbra-set"));
    const plan = await openPlan(folder, work, request, onProgress);
    const { passes, chunk, objective } = plan.request;
    const { surrogate, backend } = await loadModel(plan.request.surrogate);
    const { sweep, seconds } = createSweeper(plan, work, onProgress, signal);
    const run = { folder, plan, work, surrogate, sweep };

    const embeddings = createSetEmbeddings(plan, chunk);
    await embedCleanSet(run, embeddings);
    const before = jointErrors(embeddings);
    for (let pass = 1; pass <= passes; pass++) await optimisePass(run, pass, embeddings, signal);
    const files = await writeSet(run, embeddings, signal);
    const errors = { before, after: jointErrors(embeddings) };
    checkSetEffective(errors, objective, work);

    const report = setReportOf(plan, errors, files, { backend, seconds: seconds() });
    await moveResults(plan, work, out);
    const json = `${JSON.stringify(report, null, 2)}\n`;
    await writeWithFolders(join(out, "penumbra-set.json"), new TextEncoder().encode(json));
    await work.clear();
    return report;
  };
}

function checkOutside({ folder, out }: SetFolders): void {
  const inside = relative(resolve(folder), resolve(out));
  if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return;
  throw new UsageError("The results may not go into the set itself; choose another --out.");
}
