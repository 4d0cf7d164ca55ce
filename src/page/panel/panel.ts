/**
 * The panel: what Penumbra says and asks while a page waits for its files. One card for each choice of files, in a closed
 * shadow root above everything else on the page. Only a person's own clicks count, and there is nothing on the page when
 * there is nothing to say.
 */
import { makeCard } from "./card.ts";
import type { OpenCard } from "./contract.ts";
import { make } from "./elements.ts";
import { PANEL_STYLE } from "./style.ts";

/** Milliseconds that a confirmation stays, and that it takes to fade. */
const STAY = 4000;
const FADE = 450;

/** How often it stays once more for a person who seems to be reading it. */
const LONGER = 3;

/** Events of the panel that the page has no use for: clicks outside of its menus, its shortcuts. */
const OURS = "click mousedown mouseup pointerdown pointerup keydown keyup keypress focusin focusout".split(
  " ",
);

/** Makes the panel of this document. Nothing is added to the page before the first card. */
export function createPanel(): OpenCard {
  let stage: { readonly host: HTMLElement; readonly root: ShadowRoot; readonly timer: number } | undefined;

  function open(): ShadowRoot {
    if (stage) return stage.root;
    const document = outermost();
    const host = document.createElement("div");
    host.popover = "manual";
    const root = host.attachShadow({ mode: "closed" });
    root.append(make(document, "style", { textContent: PANEL_STYLE }));
    for (const type of OURS) root.addEventListener(type, (event) => event.stopPropagation());
    // Pages open and close dialogs, and some remove what they do not know: a question must not get lost.
    const timer = window.setInterval(() => place(host), 1000);
    stage = { host, root, timer };
    place(host);
    return root;
  }

  function shut() {
    if (!stage || stage.root.querySelector("section")) return;
    clearInterval(stage.timer);
    stage.host.remove();
    stage = undefined;
  }

  /** What was opened last is on top. */
  function raise() {
    stage?.host.hidePopover();
    stage?.host.showPopover();
  }

  return (names, decisions, wording) => {
    const root = open();
    const card = makeCard(root.ownerDocument, names, decisions, wording, raise);
    root.append(card.element);
    const close = () => {
      card.element.remove();
      shut();
    };
    window.addEventListener("pagehide", (event) => event.persisted || close());
    return {
      rows: card.rows,
      close,
      unheard: (save) => card.unheard(save, close),
      finish(save) {
        if (!card.finish(save)) return close();
        let longer = LONGER;
        const fade = () => {
          if (longer-- > 0 && card.element.matches(":hover,:focus-within")) {
            setTimeout(fade, STAY);
            return;
          }
          card.element.classList.add("over");
          setTimeout(close, FADE);
        };
        setTimeout(fade, STAY);
      },
    };
  };
}

/** A frame may be small or hidden, so the panel goes to the outermost document within reach. */
function outermost(): Document {
  let reach: Window = window;
  try {
    while (reach.parent !== reach && reach.parent.document) reach = reach.parent;
  } catch {
    // A frame of another origin ends the way up.
  }
  return reach.document;
}

/** Outside of a modal dialog nothing can be clicked, so the panel goes into it. */
function place(host: HTMLElement) {
  const { documentElement } = host.ownerDocument;
  const parent = [...documentElement.querySelectorAll("dialog:modal")].at(-1) ?? documentElement;
  if (host.parentNode !== parent) parent.append(host);
  if (!host.matches(":popover-open")) host.showPopover();
}
