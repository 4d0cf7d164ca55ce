/**
 * What the isolated world and the page's own world say to each other. Both share one private node, which is
 * handed over before any script of the page runs. Over it the page's world reports nodes to watch, forms that
 * are submitted, handles to read and a document that was opened anew, by events whose `relatedTarget` is a
 * node or a message port. In the other direction go protected files and their paths. A page that got hold of
 * the node could only ask for what is done anyway.
 */

/**
 * Types of the two events at window that hand the node over. No other code uses them, and nothing listens to
 * them later.
 */
export const OFFER = "beforetoggleend";
export const ASK = "beforetogglestart";

/**
 * Types of the events at the node. Cancelling SUBMIT, READ_HANDLE or READ_CLIPBOARD means that the isolated world takes over.
 */
export const WATCH = "watch";
export const SUBMIT = "submit";
export const READ_HANDLE = "pick";
export const READ_CLIPBOARD = "read";
export const OPENED = "opened";
export const REACHED = "reached";

/** Type of the event at the node that carries files and, as text, their {@link FilePaths} in JSON. */
export const PATHS = "paths";

/**
 * The path of each file. Of a drop: from a slash on, and with a slash at its end if the file stands for a
 * folder. Of a folder chosen in an input: its `webkitRelativePath`.
 */
export type FilePaths = readonly string[];

/**
 * Type of the event at the node that carries a transfer itself, which scripts cannot give the effects of the
 * person's own, and as text `effectAllowed` and `dropEffect` with a space between.
 */
export const EFFECTS = "effects";

/** Name and message of the DOMException that a call of the page fails with. */
export interface Failure {
  readonly name: string;
  readonly message: string;
}

/** The answer to READ_HANDLE. */
export interface HandleAnswer {
  readonly file: File;
}

/** The answer to READ_CLIPBOARD: of each item its forms by their types. */
export interface ClipboardAnswer {
  readonly items: readonly (readonly (readonly [type: string, content: Blob])[])[];
}
