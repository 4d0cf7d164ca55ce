/**
 * The port that carries one picture from a page to the worker and back. The page sends one message, the worker sends signs of
 * life and progress, and at last the protected file or a problem. Files pass as Blobs, because the browser clones messages.
 * Either side cancels by disconnecting.
 */
import type { ProblemData } from "../core/contract/problem.ts";
import type { Progress, ProtectionReport } from "../core/contract/protected-picture.ts";
import type { ProtectionRequest } from "../core/contract/protection-request.ts";

/** Name of these ports. */
export const PICTURE_PORT = "picture";

/** Seconds between two signs of life of the worker. */
export const HEARTBEAT = 5;

/** Largest file taken, in bytes. */
export const LARGEST_FILE = 256 * 2 ** 20;

/** What the page sends, once. The worker checks it with `parsePictureMessage`. */
export interface PictureMessage {
  readonly fileName: string;
  readonly file: Blob;
  readonly request: ProtectionRequest;
}

/** What the worker sends. */
export type WorkerMessage =
  /** Comes every {@link HEARTBEAT} seconds at least, whatever the worker does. */
  | { readonly kind: "alive" }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "failed"; readonly problem: ProblemData }
  /** `file` has the MIME type of its bytes. */
  | { readonly kind: "done"; readonly file: Blob; readonly report: ProtectionReport };
