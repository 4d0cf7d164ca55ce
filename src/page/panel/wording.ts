/** The words of a card, which differ by its purpose. */
import type { Progress } from "../../core/contract/protected-picture.ts";

/** Without a word for the original, it is not offered. */
export interface Wording {
  readonly one: (name: string) => string;
  readonly done: string;
  readonly skip?: string;
  readonly original?: string;
}

export const SENDING: Wording = {
  one: (name) => `Protecting ${name}`,
  done: "Protected",
  skip: "Send original",
  original: "Send the original",
};

export const SAVING: Wording = {
  one: (name) => `Protecting a copy of ${name}`,
  done: "Protected copy saved",
};

export const STAGES: Readonly<Record<Progress["stage"], string>> = {
  waiting: "Waiting for its turn",
  decode: "Reading the picture",
  ascend: "Making it unlearnable",
  encode: "Writing the file",
  verify: "Checking the result",
};

export const COVERED = "Something lay over this button. Look at it, then press again.";
export const NOT_TAKEN = "Did the page not take it?";
export const UNHEARD =
  "It only takes what you do by hand. Save the protected picture, then choose or drop that file.";
export const SAVED = "Saved. Choose or drop that file: it passes as it is.";
