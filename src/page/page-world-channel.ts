/**
 * The isolated world's end of the channel to the hooks in the page's own world; see
 * src/bridge/page-channel.ts.
 */
import {
  ASK,
  EFFECTS,
  type FilePaths,
  OFFER,
  OPENED,
  PATHS,
  REACHED,
  READ_CLIPBOARD,
  READ_HANDLE,
  SUBMIT,
  WATCH,
} from "../bridge/page-channel.ts";

/** A transfer in Firefox hides from a page whatever was added to it with the rights of an extension. */
export function withRightsOfPage(transfer: DataTransfer): DataTransfer {
  return (transfer as { wrappedJSObject?: DataTransfer }).wrappedJSObject ?? transfer;
}

/** Announces files with their paths to the page's world, before the page receives them. */
export type TellPaths = (files: readonly File[], paths: FilePaths) => void;

/** Announces what a transfer allows and does to the page's world, before the page receives it. */
export type TellEffects = (
  transfer: DataTransfer,
  effectAllowed: DataTransfer["effectAllowed"],
  dropEffect: DataTransfer["dropEffect"],
) => void;

/** What happens on the reports of the page's world. */
export interface PageWorldAnswers {
  /** The dialog of a file input, or of one in the tree of this node, may be about to open. */
  watch(node: Node): void;
  /** The page calls `submit()` of a form. @returns whether the call is held */
  holdsSubmit(form: EventTarget | null): boolean;
  /** The page calls `getFile()` of a handle, which comes over the port. @returns whether it is read here */
  readsHandle(port: MessagePort): boolean;
  /** The page calls `read()` of its clipboard, with what comes over the port. @returns whether it is read here */
  readsClipboard(port: MessagePort): boolean;
  /** A document was opened anew. */
  opened(): void;
  /** The page has got hold of a window of its own origin. */
  reached(window: Window): void;
}

export interface PageWorldChannel {
  readonly tellPaths: TellPaths;
  readonly tellEffects: TellEffects;
  /** Hands the node over, whichever of the two worlds starts first, and answers from now on. */
  answer(answers: PageWorldAnswers): void;
}

/** Makes the node that both worlds share. */
export function createPageWorldChannel(): PageWorldChannel {
  const node = document.createComment("");
  /** This kind of event can carry both. */
  const tell = (type: string, dataTransfer: DataTransfer, data: string) =>
    node.dispatchEvent(new InputEvent(type, { dataTransfer, data }));
  const relatedOf = (event: Event) => (event as MouseEvent).relatedTarget;

  return {
    answer({ watch, holdsSubmit, readsHandle, readsClipboard, opened, reached }) {
      node.addEventListener(WATCH, (event) => watch(relatedOf(event) as Node));
      node.addEventListener(SUBMIT, (event) => {
        if (holdsSubmit(relatedOf(event))) event.preventDefault();
      });
      for (const [type, reads] of [
        [READ_HANDLE, readsHandle],
        [READ_CLIPBOARD, readsClipboard],
      ] as const)
        node.addEventListener(type, (event) => {
          if (reads(relatedOf(event) as MessagePort)) event.preventDefault();
        });
      node.addEventListener(OPENED, opened);
      node.addEventListener(REACHED, (event) => reached(relatedOf(event) as Window));
      const offer = () =>
        window.dispatchEvent(new MouseEvent(OFFER, { cancelable: true, relatedTarget: node }));
      if (offer()) window.addEventListener(ASK, offer, { once: true });
    },
    tellEffects(dataTransfer, effectAllowed, dropEffect) {
      tell(EFFECTS, dataTransfer, `${effectAllowed} ${dropEffect}`);
    },
    tellPaths(files, paths) {
      const dataTransfer = new DataTransfer();
      const { items } = withRightsOfPage(dataTransfer);
      for (const file of files) items.add(file);
      // A file may have got another name; folders end with a slash.
      const own = paths.map((path, i) => path.replace(/[^/]+$/, () => files[i]?.name ?? ""));
      tell(PATHS, dataTransfer, JSON.stringify(own));
    },
  };
}
