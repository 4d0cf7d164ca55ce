/**
 * What happens to a choice of files. Its pictures are protected one at a time. After a failure the person
 * decides. In the end the page receives all files in their order, or none.
 */
import { createMutex, orAbort } from "../bridge/async.ts";
import { sending } from "../bridge/strings/panel.ts";
import type { ResultWords } from "../bridge/strings/results.ts";
import { type ProblemData, toProblemData } from "../core/contract/problem.ts";
import type { HandleChoice } from "./choice.ts";
import type { Gate } from "./gate.ts";
import type { Card, OpenCard, Row } from "./panel/contract.ts";
import { isPicture } from "./pictures.ts";
import type { ProtectFile } from "./protect-client.ts";

interface Parts {
  readonly gate: Gate;
  readonly protect: ProtectFile;
  readonly openCard: OpenCard;
  /** Downloads protected files that the page did not take. */
  readonly saveFiles: (files: readonly File[]) => void;
  /** Switches protection off at the page's site. */
  readonly switchSiteOff: () => void;
}

/** Makes the handler that all sources share. */
export function createChoiceHandler(parts: Parts): HandleChoice {
  const { gate, protect, openCard, saveFiles, switchSiteOff } = parts;
  return async (choice) => {
    await gate.decided;
    const pictures = gate.state === "off" ? [] : await picturesAmong(choice.files);
    if (choice.signal.aborted) return;
    if (pictures.length === 0) return void (await choice.deliver(choice.files));

    const decided = new AbortController();
    const signal = AbortSignal.any([choice.signal, decided.signal]);
    const sendOriginals = () => {
      decided.abort();
      void choice.deliver(choice.files);
    };
    const card = openCard(
      pictures.map((file) => file.name),
      {
        cancel() {
          decided.abort();
          choice.cancel();
        },
        notThisTime: sendOriginals,
        notOnThisSite() {
          switchSiteOff();
          sendOriginals();
        },
      },
      sending,
    );
    signal.addEventListener("abort", () => card.close());
    try {
      const files = await protectAll(choice.files, pictures, { card, protect }, signal);
      const protectedFiles = files.filter((file) => !choice.files.includes(file));
      const save = () => saveFiles(protectedFiles);
      if ((await choice.deliver(files)) || protectedFiles.length === 0) card.finish(save);
      else card.refused(save);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
}

async function picturesAmong(files: readonly File[]): Promise<File[]> {
  const are = await Promise.all(files.map(isPicture));
  return files.filter((_, i) => are[i]);
}

/** Protects the pictures among some files; the others pass. Rejects only when `signal` fires. */
async function protectAll(
  files: readonly File[],
  pictures: readonly File[],
  { card, protect }: { readonly card: Card; readonly protect: ProtectFile },
  signal: AbortSignal,
): Promise<File[]> {
  /** One picture at a time; a picture that waits for an answer must not keep the others waiting. */
  const inTurn = createMutex();

  async function one(file: File, row: Row): Promise<File> {
    for (;;) {
      const { made, words, ask } = await inTurn(() => attempt(file, row, protect, signal));
      if (ask && (await orAbort(row.ask(ask), signal)) === "original") {
        row.original();
        return file;
      }
      if (words) row.done(words);
      if (made) return made;
    }
  }

  const rows = card.rows.values();
  return await Promise.all(files.map((file) => (pictures.includes(file) ? one(file, nextOf(rows)) : file)));
}

/** What became of one try. */
interface Attempt {
  /** The protected file, or the original if the person skipped it meanwhile. */
  readonly made?: File;
  readonly words?: ResultWords;
  /** The problem, or a question about what was made. */
  readonly ask?: ProblemData | string | undefined;
}

async function attempt(file: File, row: Row, protect: ProtectFile, signal: AbortSignal): Promise<Attempt> {
  signal.throwIfAborted();
  const skipped = new AbortController();
  row.start(() => skipped.abort());
  try {
    const { bytes, type, extension, words, question } = await protect(
      file,
      row.progress,
      AbortSignal.any([signal, skipped.signal]),
    );
    signal.throwIfAborted();
    const { name, lastModified } = file;
    const made = new File([bytes], extension ? renamed(name, extension) : name, {
      type: extension ? type : file.type || type,
      lastModified,
    });
    return { made, words, ask: question };
  } catch (error) {
    signal.throwIfAborted();
    if (!skipped.signal.aborted) return { ask: toProblemData(error) };
    row.original();
    return { made: file };
  }
}

/** `photo.heic` -> `photo.jpg` */
function renamed(name: string, extension: string): string {
  return `${name.replace(/\.\w{1,5}$/, "")}.${extension}`;
}

function nextOf<T>(iterator: Iterator<T>): T {
  return iterator.next().value as T;
}
