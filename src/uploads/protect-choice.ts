/**
 * What happens to a choice of files: every picture is protected, one after the other; a failure is put to the person and
 * never decided for them; then all files go to the page in their order, or none.
 */
import { type ProblemData, toProblemData } from "../shared/errors.ts";
import type { ProtectFile } from "../shared/upload.ts";
import type { HandleChoice } from "./choice.ts";
import type { Gate } from "./gate.ts";
import type { Card, OpenCard, Row } from "./panel.ts";
import { mayBePicture } from "./pictures.ts";

/** Makes the handler of all sources. */
export function createChoiceHandler(gate: Gate, protect: ProtectFile, openCard: OpenCard): HandleChoice {
  return async (choice) => {
    await gate.decided;
    if (gate.state === "off") return choice.deliver(choice.files);

    const cancelled = new AbortController();
    const signal = AbortSignal.any([choice.signal, cancelled.signal]);
    const pictures = choice.files.filter(mayBePicture);
    const card = openCard(
      pictures.map((file) => file.name),
      () => cancelled.abort(),
    );
    signal.addEventListener("abort", () => card.close());
    try {
      const results = protectAll(choice.files, card, protect, signal);
      choice.deliver(await results);
      card.finish();
    } catch (error) {
      if (!signal.aborted) throw error;
      choice.cancel();
    }
  };
}

/** Protects the pictures among some files; the others pass. Rejects only when `signal` fires. */
async function protectAll(
  files: readonly File[],
  card: Card,
  protect: ProtectFile,
  signal: AbortSignal,
): Promise<File[]> {
  let turn: Promise<unknown> = Promise.resolve();
  /** A picture that waits for an answer must not keep the others waiting. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };

  async function one(file: File, row: Row): Promise<File> {
    for (;;) {
      const outcome = await inTurn(() => attempt(file, row, protect, signal));
      if (outcome instanceof File) return outcome;
      if ((await orAbort(row.ask(outcome), signal)) === "original") {
        row.original();
        return file;
      }
    }
  }

  const rows = card.rows.values();
  return await Promise.all(files.map((file) => (mayBePicture(file) ? one(file, nextOf(rows)) : file)));
}

/** One try: the protected file, the original if the person said so meanwhile, or what went wrong. */
async function attempt(
  file: File,
  row: Row,
  protect: ProtectFile,
  signal: AbortSignal,
): Promise<File | ProblemData> {
  const skipped = new AbortController();
  row.start(() => skipped.abort());
  try {
    const { bytes, type, report } = await protect(
      file,
      row.progress,
      AbortSignal.any([signal, skipped.signal]),
    );
    signal.throwIfAborted();
    row.done(report);
    return new File([bytes], file.name, { type: file.type || type, lastModified: file.lastModified });
  } catch (error) {
    signal.throwIfAborted();
    if (!skipped.signal.aborted) return toProblemData(error);
    row.original();
    return file;
  }
}

function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

function nextOf<T>(iterator: Iterator<T>): T {
  return iterator.next().value as T;
}
