/** What all upload sources share: the one argument with which each of them starts to watch a document. */
import type { HandleChoice } from "./choice.ts";
import type { Gate } from "./gate.ts";
import type { KnownFiles } from "./known-files.ts";
import type { TellEffects, TellPaths } from "./page-world-channel.ts";
import { mayBePicture } from "./pictures.ts";
import type { ShadowRootOf } from "./shadow-tree.ts";

interface Parts {
  readonly gate: Gate;
  /** Receives every choice that a source holds. */
  readonly handle: HandleChoice;
  /** Files that the page received from us, which it may move to another input or paste again. */
  readonly knownFiles: KnownFiles;
  /** Announces the paths of files to the page's world, before the page receives them. */
  readonly tellPaths: TellPaths;
  /** Announces the effects of a transfer in the same way. */
  readonly tellEffects: TellEffects;
  readonly shadowRootOf: ShadowRootOf;
  /** A person may be about to give a picture: the worker can start meanwhile. */
  readonly warmUp: () => void;
}

export interface PageContext extends Parts {
  /** Whether the page may only receive this file protected. */
  needsProtection(file: File): boolean;
  /** Fires when the page is left for good, and not for the back/forward cache. */
  readonly left: AbortSignal;
}

/** Makes the context of this document. */
export function createPageContext(parts: Parts): PageContext {
  const left = new AbortController();
  window.addEventListener("pagehide", ({ persisted }) => persisted || left.abort());
  return {
    ...parts,
    needsProtection: (file) => mayBePicture(file) && !parts.knownFiles.has(file),
    left: left.signal,
  };
}
