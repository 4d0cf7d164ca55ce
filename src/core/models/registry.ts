/**
 * The table of surrogates. A new one is an entry in a file of its own and a line here. Entries load their
 * networks only when asked to, so that the popup, which shows their names, loads none.
 */
import { efficientNetLite0 } from "./efficientnet-lite0.ts";
import { photographs } from "./photographs.ts";
import type { SurrogateEntry } from "./surrogate-entry.ts";
import { cifar10, tinyImageNet21 } from "./thumbnails.ts";

export const SURROGATES: readonly SurrogateEntry[] = [
  photographs,
  efficientNetLite0,
  cifar10,
  tinyImageNet21,
];

export function findSurrogate(id: string): SurrogateEntry | undefined {
  return SURROGATES.find((entry) => entry.id === id);
}
