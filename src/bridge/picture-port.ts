/**
 * The port that carries one picture from a page to the worker and back. The page sends one message, the
 * worker sends signs of life and progress, and at last the protected file or a problem. Files pass as Blobs,
 * because the browser clones messages. Either side cancels by disconnecting.
 */
import type { ProblemData } from "../core/contract/problem.ts";
import type { Progress } from "../core/contract/protected-picture.ts";
import type { ResultWords } from "./strings/results.ts";

/** Name of these ports. */
export const PICTURE_PORT = "picture";

/** Seconds between two signs of life of the worker. */
export const HEARTBEAT = 5;

/** Largest file taken, in bytes. */
export const LARGEST_FILE = 256 * 2 ** 20;

/**
 * What the page sends, once. The worker checks it with `parsePictureMessage`, because a content script lives
 * in the process of a page; how strongly to protect is therefore not in it, but in the settings that the
 * worker asks the background for.
 */
export interface PictureMessage {
  readonly fileName: string;
  readonly file: Blob;
  /** `upload`: the page gets it. `copy`: the person saves it. */
  readonly purpose: "upload" | "copy";
}

/** What the worker sends. */
export type WorkerMessage =
  /** Comes every {@link HEARTBEAT} seconds at least, whatever the worker does. */
  | { readonly kind: "alive" }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "failed"; readonly problem: ProblemData }
  /**
   * `file` has the MIME type of its bytes; `extension` is how names of such files end, without the dot, if the
   * original was of another format.
   */
  | {
      readonly kind: "done";
      /** What the person is asked before the page gets the file. */
      readonly question?: string;
      readonly file: Blob;
      readonly words: ResultWords;
      readonly extension?: string;
    };
