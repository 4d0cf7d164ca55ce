/**
 * The same files chosen again. Of those that an input has already, Chromium only says `cancel`, and Firefox what it
 * says of a new choice. An input that was filled by us has other files than the person chose, so that the browser takes
 * the same choice for a new one.
 */

export interface Rechoices {
  /** The dialog of an input is about to open. */
  opens(input: HTMLInputElement): void;
  /** An input has been given these files in place of those that were chosen. */
  filled(input: HTMLInputElement, chosen: readonly File[]): void;
  /** The files that an input had been given before the person chose the same once more. */
  repeated(input: HTMLInputElement, chosen: readonly File[]): readonly File[] | undefined;
  /** Whether an event is the second one of such a choice. */
  absorb(input: HTMLInputElement, event: Event): boolean;
}

export function createRechoices(): Rechoices {
  const choices = new WeakMap<
    HTMLInputElement,
    { readonly chosen: readonly File[]; readonly given: readonly File[] }
  >();
  const awaitingChange = new WeakSet<HTMLInputElement>();
  const before = new WeakMap<HTMLInputElement, readonly File[]>();
  return {
    opens(input) {
      awaitingChange.delete(input);
      before.set(input, [...(input.files ?? [])]);
    },
    filled: (input, chosen) => void choices.set(input, { chosen, given: [...(input.files ?? [])] }),
    repeated(input, chosen) {
      const last = choices.get(input);
      const had = before.get(input);
      if (!last?.given.length || !had || !isEqual(had, last.given, (a, b) => a === b)) return undefined;
      if (!isEqual(chosen, last.chosen, isSameFile)) return undefined;
      awaitingChange.add(input);
      return last.given;
    },
    absorb: (input, { type, isTrusted }) => type === "change" && isTrusted && awaitingChange.delete(input),
  };
}

function isEqual(
  some: readonly File[],
  others: readonly File[],
  same: (a: File, b: File) => boolean,
): boolean {
  return some.length === others.length && some.every((file, i) => same(file, others[i] as File));
}

/** As far as a page can tell. */
function isSameFile(a: File, b: File): boolean {
  return (["name", "size", "lastModified"] as const).every((key) => a[key] === b[key]);
}
