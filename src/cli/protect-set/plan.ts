/**
 * The plan of a run: request, classes and pictures in their order. It is kept in the work folder, and a later
 * run continues only with the same request and the same files.
 */

import { join } from "node:path";
import { problemText } from "../../bridge/strings/problems.ts";
import { checkShape, decode, noticesOf, sniff } from "../../core/codecs/index.ts";
import { toProblemData } from "../../core/contract/problem.ts";
import { SET_DEFAULTS, type SetRequest } from "../../core/contract/set-request.ts";
import { createRandom } from "../../core/engine/random.ts";
import { nameInNewFormat } from "../file-names.ts";
import { readBytes } from "../files.ts";
import { UsageError } from "../usage-error.ts";
import { hashOf, type LeftOut, listSet, type SetListing } from "./listing.ts";
import type { WorkFolder } from "./work-folder.ts";

export interface SetPlan {
  readonly request: Required<SetRequest>;
  /** Names of the classes, by label. */
  readonly classes: readonly string[];
  /** Shuffled, so that each chunk has pictures of several classes. */
  readonly pictures: readonly SetPicture[];
  readonly leftOut: readonly LeftOut[];
  /** Sentences for the owner of the set. */
  readonly notes: readonly string[];
}

export interface SetPicture {
  /** "class/name" */
  readonly file: string;
  /** As it will be called in the results. */
  readonly out: string;
  readonly label: number;
  /** Of the bytes, in hex. */
  readonly sha256: string;
}

/** @param fraction 0..1 of all work */
export type OnSetProgress = (stage: string, fraction: number) => void;

/**
 * The plan in the work folder if there is one, otherwise a new one, which is put there.
 * @throws UsageError when the plan in the work folder has another request or other files, or the set has
 * fewer than two classes
 */
export async function openPlan(
  folder: string,
  work: WorkFolder,
  request: SetRequest,
  onProgress?: OnSetProgress,
): Promise<SetPlan> {
  const listing = await listSet(folder);
  const begun = await work.get<SetPlan>("plan");
  if (begun) {
    checkSameRun(begun, listing, request, work);
    return begun;
  }
  const plan = await createPlan(folder, listing, request, onProgress);
  await work.put("plan", plan);
  return plan;
}

function checkSameRun(begun: SetPlan, listing: SetListing, request: SetRequest, work: WorkFolder): void {
  // A run without a seed of its own continues with the seed of the run before.
  const now: Required<SetRequest> = { ...SET_DEFAULTS, seed: begun.request.seed, ...request };
  for (const [name, value] of Object.entries(now)) {
    const then = begun.request[name as keyof SetRequest];
    if (then !== value)
      throw new UsageError(
        `A run with ${name} ${then} was begun there; this one has ${name} ${value}. ${startOver(work)}`,
      );
  }
  const names = (files: readonly string[], leftOut: readonly LeftOut[]) =>
    [...files, ...leftOut.map(({ file }) => file)].sort().join("\n");
  const filesThen = names(
    begun.pictures.map(({ file }) => file),
    begun.leftOut,
  );
  if (filesThen !== names(listing.files, listing.leftOut))
    throw new UsageError(`The set has other files than when the run was begun. ${startOver(work)}`);
}

/** Decodes every file once, to leave out those that are no pictures. */
async function createPlan(
  folder: string,
  listing: SetListing,
  request: SetRequest,
  onProgress?: OnSetProgress,
): Promise<SetPlan> {
  const leftOut = [...listing.leftOut];
  const usable: UsableFile[] = [];
  for (const [i, file] of listing.files.entries()) {
    onProgress?.(`looking at ${file}`, i / listing.files.length);
    try {
      const bytes = await readBytes(join(folder, file));
      const info = sniff(bytes);
      checkShape(info);
      await decode(bytes, info);
      const out = nameInNewFormat(file, noticesOf(info));
      if (out !== file && [...listing.files, ...usable.map((other) => other.out)].includes(out))
        leftOut.push({ file, reason: `In its new format it would be called as another one: ${out}.` });
      else usable.push({ file, out, className: file.slice(0, file.indexOf("/")), sha256: hashOf(bytes) });
    } catch (error) {
      leftOut.push({ file, reason: problemText(toProblemData(error)) });
    }
  }
  const classes = [...new Set(usable.map(({ className }) => className))];
  if (classes.length < 2) throw tooFewClasses(classes, leftOut);
  const seed = request.seed ?? (crypto.getRandomValues(new Uint32Array(1))[0] as number);
  return {
    request: { ...SET_DEFAULTS, ...request, seed },
    classes,
    pictures: shuffled(
      usable.map(({ className, ...file }) => ({ ...file, label: classes.indexOf(className) })),
      seed,
    ),
    leftOut,
    notes: notesOn(usable, listing.emptyFolders),
  };
}

/** A file that could be decoded. */
export interface UsableFile {
  readonly file: string;
  /** As it will be called in the results. */
  readonly out: string;
  readonly className: string;
  readonly sha256: string;
}

function tooFewClasses(classes: readonly string[], leftOut: readonly LeftOut[]): UsageError {
  const reasons = leftOut.slice(0, 3).map(({ file, reason }) => ` ${file}: ${reason}`);
  return new UsageError(
    `Pictures of at least two classes are needed, each class a folder; found ${classes.length}.${reasons.join("")}`,
  );
}

/** Warnings for the owner of a set: empty folders, equal files, classes of one picture. */
export function notesOn(usable: readonly UsableFile[], emptyFolders: readonly string[]): string[] {
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
    if (size === 1) notes.push(`“${name}” has one picture only, so no other picture supports its class.`);
  return notes;
}

/** Fisher-Yates, in place. */
function shuffled<T>(items: T[], seed: number): T[] {
  const random = createRandom(seed);
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}

/** A sentence for errors that only a new run solves. */
export function startOver(work: WorkFolder): string {
  return `To start over, delete ${work.path} or choose another --out.`;
}
