/**
 * What a test may do with a browser that has the extension, the same for every browser: `chromium.ts` and `firefox.ts` make one
 * each. A test that needs more of one browser says so by taking that one.
 */
import type { UploadServer } from "../../scripts/lib/upload-server.ts";
import type { Settings } from "../../src/bridge/settings.ts";
import type { Status } from "../../src/bridge/status.ts";
import type { Copied } from "./gestures.ts";
import type { PanelView } from "./panel.ts";
import type { Sample } from "./samples.ts";

/** What not every browser can do under a test; see {@link BrowserKind.cannot} in `browsers.ts`. */
export type Ability =
  /** Files are dragged over a page and dropped. */
  | "drop"
  /** A picture is put on the clipboard and pasted. */
  | "paste"
  /** A label outside of the document opens the dialog of its input. */
  | "detached label";

export type SettingsPatch = { readonly [Name in keyof Settings]?: Settings[Name] | null };

export interface Browser extends PlainBrowser {
  /** Changes some of the settings from inside the extension; null stands for the default. */
  change(settings: SettingsPatch): Promise<void>;
  /** What the extension says of its work. */
  status(): Promise<Status>;
  /** Ends the background of the extension, as the browser does when it is idle. */
  stopBackground(): Promise<void>;
  /** The extension's id, as it is in its addresses. */
  readonly host: string;
}

/** As much of a browser as there is without the extension. */
export interface PlainBrowser {
  /** Opens an address in a tab of its own. */
  open(url: string): Promise<Tab>;
  /** Closes the tabs that pages opened. */
  closeOthers(): Promise<void>;
  close(): Promise<void>;
}

/** A page, or a frame in one. In selectors, `host >>> input` looks into an open shadow root. */
export interface Tab {
  /** The panel of the page, also for a frame. */
  readonly panel: PanelView;
  /** What the page, or the browser about the page, said was wrong. */
  readonly errors: readonly string[];
  goto(url: string): Promise<void>;
  /** Its address. */
  url(): Promise<string>;
  /** Runs a function in the page's own world; what it takes and gives must survive JSON. */
  evaluate<Args extends unknown[], Result>(
    work: (...args: Args) => Result | Promise<Result>,
    ...args: Args
  ): Promise<Result>;
  click(selector: string): Promise<void>;
  /** Clicks something that opens a file dialog, and chooses files, or a folder, in it. */
  choose(selector: string, ...samples: readonly Pick<Sample, "path">[]): Promise<void>;
  /**
   * Chooses a file in the input that an expression gives in the page, also where selectors and documents of HTML do not reach.
   */
  chooseIn(expression: string, sample: Sample): Promise<void>;
  /** Drags files or folders from the disk, and words, over an element and drops them, with the shift key down. */
  drop(selector: string, samples: readonly Pick<Sample, "path">[], text?: string): Promise<void>;
  /** Drags an element of the page onto another one. */
  drag(selector: string, onto: string): Promise<void>;
  /** Puts something on the clipboard on another page of the server, and comes back. */
  copy(server: UploadServer, copied: Copied): Promise<void>;
  /** Pastes by the keys for it, into an element, or where the caret is. */
  paste(selector?: string): Promise<void>;
  /** Lets a page read the clipboard that it has just asked for, where the browser asks the person by a button of its own. */
  allowPaste(): Promise<void>;
  press(key: "End"): Promise<void>;
  /** The first frame in the page. */
  frame(): Promise<Tab>;
  /** A picture of what is seen of the page, as PNG. */
  screenshot(): Promise<Uint8Array>;
  close(): Promise<void>;
}
