/**
 * The panel: what Penumbra says and asks while a page waits for its files. One card for each choice of files,
 * in a closed shadow root above everything else on the page. Only a person's own clicks count, and nothing is
 * on the page while there is nothing to say.
 */
import theme from "../../bridge/theme.css?inline";
import { makeCard } from "./card.ts";
import type { OpenCard } from "./contract.ts";
import { make } from "./elements.ts";
import style from "./panel.css?inline";

/** Milliseconds for which a confirmation stays, and for which it fades. */
const STAY = 4000;
const FADE = 450;

/** How often a confirmation stays once more for a person who seems to be reading it. */
const LONGER = 3;

/**
 * Events that do not leave the panel: a page would close its menus on a click outside, or take a key as its
 * shortcut.
 */
const CONTAINED =
  "click mousedown mouseup pointerdown pointerup keydown keyup keypress focusin focusout".split(" ");

/** The tokens are set on the cards, not on the host: there a style sheet of the page would override them. */
const STYLE = theme.replaceAll(":root", "section") + style;

/** Makes the panel of this document. Nothing is added to the page before the first card. */
export function createPanel(): OpenCard {
  let shown: { readonly host: HTMLElement; readonly root: ShadowRoot; readonly timer: number } | undefined;

  function open(): ShadowRoot {
    if (shown) return shown.root;
    const document = outermostDocument();
    const host = document.createElement("div");
    host.popover = "manual";
    const root = host.attachShadow({ mode: "closed" });
    root.append(make(document, "style", { textContent: STYLE }));
    for (const type of CONTAINED) root.addEventListener(type, (event) => event.stopPropagation());
    // Pages open and close dialogs, and some remove elements that they do not know. A question must stay in
    // sight.
    const timer = window.setInterval(() => place(host), 1000);
    shown = { host, root, timer };
    place(host);
    return root;
  }

  function closeIfEmpty() {
    if (!shown || shown.root.querySelector("section")) return;
    clearInterval(shown.timer);
    shown.host.remove();
    shown = undefined;
  }

  /** The popover that was shown last is on top. */
  function raise() {
    shown?.host.hidePopover();
    shown?.host.showPopover();
  }

  return (names, decisions, purpose) => {
    const root = open();
    const card = makeCard({ document: root.ownerDocument, names, decisions, purpose, raise });
    root.append(card.element);
    const close = () => {
      card.element.remove();
      closeIfEmpty();
    };
    window.addEventListener("pagehide", (event) => event.persisted || close());
    return {
      rows: card.rows,
      close,
      refused: (save) => card.refused(save, close),
      finish: (save) => (card.finish(save) ? fadeLater(card.element, close) : close()),
    };
  };
}

/** Lets a confirmation fade after a while, later if a person points at it or uses it. */
function fadeLater(element: HTMLElement, close: () => void) {
  let longer = LONGER;
  const fade = () => {
    if (longer-- > 0 && element.matches(":hover,:focus-within")) {
      setTimeout(fade, STAY);
      return;
    }
    element.classList.add("over");
    setTimeout(close, FADE);
  };
  setTimeout(fade, STAY);
}

/** A frame may be small or hidden, so that the panel goes to the outermost document within reach. */
function outermostDocument(): Document {
  let reach: Window = window;
  try {
    while (reach.parent !== reach && reach.parent.document) reach = reach.parent;
  } catch {
    // A parent of another origin is out of reach.
  }
  return reach.document;
}

/** Outside of a modal dialog nothing can be clicked, so that the panel goes into it. */
function place(host: HTMLElement) {
  const { documentElement } = host.ownerDocument;
  const parent = [...documentElement.querySelectorAll("dialog:modal")].at(-1) ?? documentElement;
  if (host.parentNode !== parent) parent.append(host);
  if (!host.matches(":popover-open")) host.showPopover();
}
