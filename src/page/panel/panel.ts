/**
 * The panel: what Penumbra says and asks while a page waits for its files. One card for each choice of files,
 * in a closed shadow root above everything else on the page. Only a person's own clicks count, and nothing is
 * on the page while there is nothing to say.
 */
import theme from "../../bridge/theme.css?inline";
import { elementsIn, type ShadowRootOf } from "../shadow-tree.ts";
import { makeCard, PANEL_KEY } from "./card.ts";
import type { OpenCard } from "./contract.ts";
import { createHtml, make } from "./elements.ts";
import { keepCards, style as ownStyle } from "./own.chrome.ts";
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
const STYLE = theme.replaceAll(":root", "section") + style + ownStyle;

interface Shown {
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  /** Fires when the panel has nothing to show any more. */
  readonly closed: AbortController;
}

/** Makes the panel of this document. Nothing is added to the page before the first card. */
export function createPanel(shadowRootOf: ShadowRootOf): OpenCard {
  let shown: Shown | undefined;
  const dismissals = new WeakMap<Element, () => void>();

  function open(): ShadowRoot {
    if (shown) return shown.root;
    const document = outermostDocument();
    const host = createHtml(document, "div");
    host.popover = "manual";
    const root = host.attachShadow({ mode: "closed" });
    root.append(make(document, "style", { textContent: STYLE }));
    for (const type of CONTAINED) root.addEventListener(type, (event) => event.stopPropagation());
    // Pages open and close dialogs, and some remove elements that they do not know. A question must stay in
    // sight.
    const timer = window.setInterval(() => {
      place(host, shadowRootOf);
      keepCards(root);
    }, 1000);
    const closed = new AbortController();
    closed.signal.addEventListener("abort", () => clearInterval(timer));
    for (const view of new Set([window, document.defaultView]))
      view?.addEventListener("keydown", onKey, { capture: true, signal: closed.signal });
    shown = { host, root, closed };
    place(host, shadowRootOf);
    return root;
  }

  let focusBefore: Element | null = null;

  /** One key goes to the panel and back, and Escape answers where the focus is in it. */
  function onKey(event: KeyboardEvent) {
    if (!shown || !event.isTrusted) return;
    const { host, root } = shown;
    const section = root.activeElement?.closest("section");
    if (event.key === PANEL_KEY) {
      // Never first to one that sends an original.
      const first =
        root.querySelector<HTMLElement>(".first") ?? root.querySelector("footer:not([hidden]) > :last-child");
      if (!section) focusBefore = host.ownerDocument.activeElement;
      if (section) (focusBefore as HTMLElement | null)?.focus();
      else (first as HTMLElement | null)?.focus();
    } else if (event.key === "Escape" && section) dismissals.get(section)?.();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function closeIfEmpty() {
    if (!shown || shown.root.querySelector("section")) return;
    shown.closed.abort();
    shown.host.parentElement?.closest("foreignObject")?.remove();
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
    const close = () => {
      card.element.remove();
      closeIfEmpty();
    };
    const card = makeCard({ document: root.ownerDocument, names, decisions, purpose, close, raise });
    dismissals.set(card.element, card.dismiss);
    root.append(card.element);
    window.addEventListener("pagehide", (event) => event.persisted || close());
    return {
      rows: card.rows,
      close,
      refused: card.refused,
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
function place(host: HTMLElement, shadowRootOf: ShadowRootOf) {
  const { documentElement } = host.ownerDocument;
  const find = () => documentElement.querySelectorAll("dialog:modal");
  // Looking into all shadow roots takes time, and is only worth it where the panel cannot be clicked.
  const dialogs =
    host.isConnected && !isInReach(host) ? elementsIn(documentElement, "dialog:modal", shadowRootOf) : find();
  const parent = [...dialogs].at(-1) ?? rootFor(host);
  if (host.parentNode !== parent) parent.append(host);
  if (!host.matches(":popover-open")) host.showPopover();
}

/** Whether a click in the middle of the first card would reach it. */
function isInReach(host: HTMLElement): boolean {
  const { x, y, width, height } = host.getBoundingClientRect();
  return (host.getRootNode() as Document).elementFromPoint(x + width / 2, y + height / 2) === host;
}

/** SVG draws HTML only inside of this element of its own. */
function rootFor({ ownerDocument, parentElement }: HTMLElement): Element {
  const { documentElement } = ownerDocument;
  if (documentElement.localName !== "svg") return documentElement;
  if (parentElement?.localName === "foreignObject") return parentElement;
  const room = ownerDocument.createElementNS(documentElement.namespaceURI, "foreignObject") as SVGElement;
  room.style.cssText = "width: 100%; height: 100%; pointer-events: none";
  documentElement.append(room);
  return room;
}
