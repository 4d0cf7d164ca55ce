/** What the registry knows of a surrogate before its networks are loaded. */
import type { ObjectiveId } from "../contract/protection-request.ts";
import type { Surrogate } from "../engine/surrogate.ts";

/** Reads a file of the package; `path` is relative to assets/. */
export type ReadAsset = (path: string) => Promise<ArrayBuffer>;

export interface SurrogateEntry {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Side of the square views, in pixels. */
  readonly inputSize: number;
  /** By class index. */
  readonly classNames: readonly string[];
  /** The objectives that it supports, its default first. */
  readonly objectives: readonly [ObjectiveId, ...ObjectiveId[]];
  /**
   * For measurements on the command line, not in the extension: it knows too few classes for people's
   * pictures.
   */
  readonly cliOnly?: true;
  /** Builds the surrogate on the current tfjs backend. */
  load(readAsset: ReadAsset): Promise<Surrogate>;
}
