/** What a page that looks at everything got hold of; see test/pages/witness.js. */
import { expect } from "vitest";
import type { ReceivedPart } from "../../scripts/lib/upload-server.ts";
import type { Sample } from "./samples.ts";

export interface Witness {
  /** All bytes that the page could read, by their SHA-256. */
  readonly hashes: Readonly<Record<string, { name: string; size: number; type: string }>>;
  /** The same of pictures that were addresses, in text that an event carried and in the document, with the address's beginning. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly looks: number;
  /** Events at file inputs, in their order; without those of the click that opened the dialog. */
  readonly events: readonly WitnessedEvent[];
}

export interface WitnessedEvent {
  readonly type: string;
  /** 1 on the way down, 3 on the way up. */
  readonly phase: number;
  readonly trusted: boolean;
  readonly bubbles: boolean;
  readonly composed: boolean;
  readonly files: readonly { name: string; size: number; type: string; lastModified: number }[];
}

/** A tab, or a page or frame of Playwright. */
interface Evaluating {
  evaluate<Result>(work: () => Result | Promise<Result>): Promise<Result>;
}

const BY_MOUSE = /^(pointer|mouse|click|focus|blur|selectionchange)/;

/** The testimony of a page, once it has read all that it began to read. */
export async function witnessOf(page: Evaluating): Promise<Witness> {
  for (const end = Date.now() + 10_000; ; ) {
    const { reads, ...witness } = await page.evaluate(
      () => (globalThis as unknown as { witness: Witness & { reads: number } }).witness,
    );
    if (reads === 0) return { ...witness, events: witness.events.filter(({ type }) => !BY_MOUSE.test(type)) };
    if (Date.now() > end) throw new Error("the page does not get done with reading");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** That a page had nothing but what its server got, in any event or between them. */
export async function expectOnly(
  page: Evaluating,
  received: readonly ReceivedPart[],
  originals: readonly Sample[],
): Promise<void> {
  const { hashes, looks } = await witnessOf(page);
  expect(Object.keys(hashes).sort()).toEqual(received.map(({ sha256 }) => sha256).sort());
  for (const { sha256 } of originals) expect(hashes).not.toHaveProperty(sha256);
  // A witness that hardly looked would prove nothing.
  expect(looks).toBeGreaterThan(50);
}

/** The files of a form, without the fields beside them. */
export function filesOf(upload: readonly ReceivedPart[]): readonly ReceivedPart[] {
  return upload.filter(({ field }) => field === "photo");
}
