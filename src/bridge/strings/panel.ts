/** What the panel says in a corner of a page while pictures are protected. */
import { name } from "./extension.ts";

/** Words that depend on what the pictures are for. Without words for the original, the original is not offered. */
export interface Purpose {
  /** The card's title while it works. */
  readonly working: (names: readonly string[]) => string;
  /** The card's title at the end. */
  readonly done: (protectedPictures: number, all: number) => string;
  /** Button of one picture among several: sends its original and goes on with the others. */
  readonly skip?: string;
  /** Button after a failure. */
  readonly original?: string;
}

/** Pictures that go to the page. */
export const sending: Purpose = {
  working: (names) => (names.length > 1 ? `Protecting ${names.length} pictures` : `Protecting ${names[0]}`),
  done: (protectedPictures, all) =>
    all === 1
      ? "Protected"
      : protectedPictures === all
        ? `${all} of ${all} protected`
        : `${protectedPictures} of ${all} protected, ${all - protectedPictures} sent unchanged`,
  skip: "Send original",
  original: "Send the original",
};

/** A copy of a picture of the page, to be saved. */
export const saving: Purpose = {
  working: ([name]) => `Protecting a copy of ${name}`,
  done: () => "Protected copy saved",
};

export const panel = {
  label: name,
  progress: "Progress",
  asking: "Waiting for your answer",
  failed: (problem: string) => `Not protected. ${problem}`,
  original: "Sent unchanged",
  /** For people who do not see which picture the button `skip` belongs to. */
  skip: (fileName: string) => `Skip: send the original of ${fileName}`,
  covered: "This button was covered or moved. Look, then press again.",
  saved: "Saved. Now choose or drop that file.",
  refused: {
    title: "The page did not take the picture",
    text: "It only accepts what you do yourself. Save the picture, then choose or drop that file.",
  },
  buttons: {
    cancel: "Cancel",
    close: "Close",
    save: "Save",
    retry: "Try again",
    use: "Use it",
    notThisTime: "Not this time",
    notOnThisSite: "Not on this site",
    notTaken: "Did the page not take it?",
  },
};
