/**
 * The way from the page's own world to ours: one private node, handed over before any script of the page runs. Over it go
 * nothing but "watch this", "does this form wait?", "read this handle of mine" and "listen again", by events that name a node
 * or a port of their own as `relatedTarget`, and in the other direction "these protected files come, and this is where they
 * were". A page that got hold of it could only ask for what is done anyway.
 */

/** Types of the events that hand the node over; of no meaning to anyone else, and gone after the start. */
export const OFFER = "beforetoggleend";
export const ASK = "beforetogglestart";

/** Types of the events at the node. Cancelling one of SUBMIT and PICK says that we see to it. */
export const WATCH = "watch";
export const SUBMIT = "submit";
export const PICK = "pick";
export const OPENED = "opened";

/** Type of the event at the node that carries files and, as text, their `Whereabouts` in JSON. */
export const PLACES = "places";

/**
 * For each file its path: in a drop from a slash on, and one that stands for a folder itself has a slash behind; in a folder
 * chosen in an input as `webkitRelativePath` has it.
 */
export type Whereabouts = readonly string[];

/** Tells the page's world of files that it is about to get. */
export type TellPlaces = (files: readonly File[], whereabouts: Whereabouts) => void;

/** What comes back for a handle: its file, or why there is none. */
export interface Picked {
  readonly file?: File;
  readonly name?: string;
  readonly message?: string;
}

export interface Answers {
  watch(node: Node): void;
  holdsSubmit(form: EventTarget | null): boolean;
  /** @returns whether the handle that comes over this port is seen to */
  readsHandle(port: MessagePort): boolean;
  /** The document was opened anew. */
  opened(): void;
}

/** Our side: offers the node to the hooks in the page's world, whichever of the two starts first. */
export function answerPage({ watch, holdsSubmit, readsHandle, opened }: Answers): TellPlaces {
  const port = document.createComment("");
  port.addEventListener(WATCH, (event) => watch((event as MouseEvent).relatedTarget as Node));
  port.addEventListener(SUBMIT, (event) => {
    if (holdsSubmit((event as MouseEvent).relatedTarget)) event.preventDefault();
  });
  port.addEventListener(OPENED, opened);
  port.addEventListener(PICK, (event) => {
    if (readsHandle((event as MouseEvent).relatedTarget as MessagePort)) event.preventDefault();
  });
  const offer = () => window.dispatchEvent(new MouseEvent(OFFER, { cancelable: true, relatedTarget: port }));
  if (offer()) window.addEventListener(ASK, offer, { once: true });

  return (files, whereabouts) => {
    const dataTransfer = new DataTransfer();
    for (const file of files) dataTransfer.items.add(file);
    dataTransfer.setData("text/plain", JSON.stringify(whereabouts));
    port.dispatchEvent(new DragEvent(PLACES, { dataTransfer }));
  };
}
