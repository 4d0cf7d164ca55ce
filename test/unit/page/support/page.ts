/**
 * A page for one test: a frame with a window and a document of its own. Code of `src` runs in it as in a real
 * page, so that its listeners and hooks end with the test.
 */
import { onTestFinished } from "vitest";

export type PageWindow = Window & typeof globalThis;

export interface TestPage {
  readonly window: PageWindow;
  readonly document: Document;
  /** Loads a module of this repository in the page, e.g. `/src/page/forms.ts`. */
  load<Module>(path: `/src/${string}`): Promise<Module>;
  /** Finds an element; throws where there is none. */
  find<Found extends Element = HTMLElement>(selector: string): Found;
}

/** Opens a page with this body. */
export function openPage(body = ""): TestPage {
  const frame = document.createElement("iframe");
  frame.allow = "clipboard-read; clipboard-write";
  frame.style.cssText = "width: 400px; height: 300px; border: 0";
  document.body.append(frame);
  onTestFinished(() => frame.remove());
  const window = frame.contentWindow as PageWindow;
  window.document.body.innerHTML = body;
  return {
    window,
    document: window.document,
    load: (path) => window.eval(`import(${JSON.stringify(path)})`),
    find(selector) {
      const element = window.document.querySelector(selector);
      if (!element) throw new Error(`expected an element ${selector}`);
      return element as never;
    },
  };
}
