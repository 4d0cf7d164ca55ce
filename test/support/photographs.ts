/**
 * Real photographs for tests: ten of free licence in the repository, and a larger set beside the repository on machines that
 * have one. Tests that take the larger set are extra; nothing is skipped where it is missing.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import wnids from "../unit/core/models/imagenet-wnids.json" with { type: "json" };

export interface Photograph {
  readonly name: string;
  /** The classes of ImageNet, by index, that are a right answer; empty where none is. */
  readonly classes: readonly number[];
  read(): Uint8Array<ArrayBuffer>;
}

/** Where the larger set is, from the repository: files that are called `<WordNet id>_<class name>.jpg`. */
export const LARGER_SET_FOLDER = "../shared/photos";

const LARGER_SET = fileURLToPath(new URL(`../../${LARGER_SET_FOLDER}/`, import.meta.url));

const OWN = new URL("../fixtures/photographs/", import.meta.url);

/** Right answers for the photographs of the repository; the cat may be a tabby, a tiger cat or an Egyptian cat. */
const CLASSES: Readonly<Record<string, readonly number[]>> = {
  "astronaut.jpg": [],
  "cameraman.jpg": [872],
  "cat.jpg": [281, 282, 285],
  "coffee.jpg": [967],
  "dam.jpg": [525],
  "frying-pan.jpg": [567],
  "giant-panda.jpg": [388],
  "goldfish.jpg": [1],
  "palace.jpg": [698],
  "screwdriver.jpg": [784],
};

const read = (path: string | URL) => () => new Uint8Array(readFileSync(path));

/** The photographs of test/fixtures/photographs, which says of each by whom it is. */
export const PHOTOGRAPHS: readonly Photograph[] = Object.entries(CLASSES).map(([name, classes]) => ({
  name,
  classes,
  read: read(new URL(name, OWN)),
}));

/** The larger set; empty where there is none. */
export const MORE_PHOTOGRAPHS: readonly Photograph[] = existsSync(LARGER_SET)
  ? readdirSync(LARGER_SET)
      .filter((name) => /^n\d{8}_.*\.jpg$/.test(name))
      .map((name) => ({
        name,
        classes: [wnids.indexOf(name.slice(0, 9))],
        read: read(`${LARGER_SET}${name}`),
      }))
  : [];

/** The photographs to test with, by the name of their set: one set, or two. */
export const PHOTOGRAPH_SETS = [
  { set: "the photographs of the repository", photographs: PHOTOGRAPHS },
  { set: "the photographs beside the repository", photographs: MORE_PHOTOGRAPHS },
].filter(({ photographs }) => photographs.length > 0);

/** One of the photographs of the repository. */
export function photograph(name: string): Uint8Array<ArrayBuffer> {
  const found = PHOTOGRAPHS.find((one) => one.name === name);
  if (!found) throw new Error(`there is no photograph ${name} in test/fixtures/photographs`);
  return found.read();
}
