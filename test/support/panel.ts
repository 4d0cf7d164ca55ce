/**
 * The panel as a person meets it: its words, and presses of its buttons at the place where they are drawn. Its shadow root is
 * closed to pages, and so to scripts of a test; the developer tools' view of the document is not.
 */
import { covered } from "./words.ts";

export interface DomNode {
  readonly nodeName: string;
  readonly nodeValue: string;
  /** Names and values in turn. */
  readonly attributes?: readonly string[];
  readonly children?: readonly this[];
  readonly shadowRoots?: readonly this[];
  readonly contentDocument?: this;
}

/** What is needed of a browser to look at the panel. */
export interface PanelAccess<Node extends DomNode> {
  /** The document with everything in it, also in closed shadow roots. */
  tree(): Promise<Node>;
  boxOf(node: Node): Promise<PanelBox>;
  press(node: Node): Promise<void>;
}

export interface PanelBox {
  readonly width: number;
  readonly right: number;
  readonly bottom: number;
}

export interface PanelView {
  /** All words of the panel; empty when there is none. */
  text(): Promise<string>;
  /** Waits until the panel's words contain or match something, and returns them. */
  waitFor(words: string | RegExp, timeout?: number): Promise<string>;
  /** Waits until there is no panel. */
  waitUntilGone(timeout?: number): Promise<void>;
  /** Where the first card is drawn, in CSS pixels of the page. */
  box(): Promise<PanelBox>;
  /**
   * Presses the button with this label, as a person's mouse does, and again when the panel says that the button was not yet in
   * plain sight: a busy browser is slow to look.
   * @param again how often at most
   */
  press(label: string, again?: number): Promise<void>;
}

/** Looks at the panel by the access that a browser has to it. */
export function viewThrough<Node extends DomNode>(access: PanelAccess<Node>): PanelView {
  async function nodes(): Promise<Node[]> {
    const root = await access.tree();
    const panel = flatten(root).find(isPanel);
    // All cards are siblings in the same shadow root.
    return panel ? flatten(parentOf(root, panel) ?? panel).filter(isVisible) : [];
  }

  const text = async () =>
    (await nodes())
      .filter((node) => node.nodeName === "#text")
      .map((node) => node.nodeValue)
      .join(" ");

  const buttonsOf = async (label: string) =>
    (await nodes()).filter(
      (node) =>
        node.nodeName.toUpperCase() === "BUTTON" &&
        flatten(node).some((child) => child.nodeName === "#text" && child.nodeValue === label),
    );

  return {
    text,
    waitFor: (wanted, timeout = 30_000) =>
      until(`the panel says ${wanted}`, timeout, text, (words) =>
        typeof wanted === "string" ? words.includes(wanted) : wanted.test(words),
      ),
    async waitUntilGone(timeout = 30_000) {
      await until("the panel is gone", timeout, text, (words) => words === "");
    },
    async box() {
      const section = (await nodes()).find((node) => node.nodeName.toUpperCase() === "SECTION");
      if (!section) throw new Error("there is no panel");
      return await access.boxOf(section);
    },
    async press(label, again = 20) {
      for (let left = again; ; left--) {
        const buttons = await buttonsOf(label);
        if (!buttons[0]) throw new Error(`expected a button "${label}" in the panel, got: ${await text()}`);
        await access.press(buttons[0]);
        if (left === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 200));
        // The words stay after a press that counted; its button does not. The page itself may be gone.
        const refused = (await text().catch(() => "")).includes(covered);
        const unchanged = async () => (await buttonsOf(label).catch(() => [])).length === buttons.length;
        if (!refused || !(await unchanged())) return;
      }
    },
  };
}

/** Whether this is a card of the panel. */
export function isPanel(node: DomNode): boolean {
  return node.nodeName.toUpperCase() === "SECTION" && attribute(node, "aria-label") === "Penumbra";
}

async function until<T>(
  what: string,
  timeout: number,
  get: () => Promise<T>,
  is: (value: T) => boolean,
): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await get().catch(() => undefined);
    if (value !== undefined && is(value)) return value;
    if (Date.now() > end)
      throw new Error(`waited ${timeout} ms until ${what}, got: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A node and all that is in it, also in shadow roots and frames. */
export function flatten<Node extends DomNode>(node: Node): Node[] {
  return [node, ...childrenOf(node).flatMap(flatten)];
}

function childrenOf<Node extends DomNode>(node: Node): readonly Node[] {
  return [
    ...(node.shadowRoots ?? []),
    ...(node.contentDocument ? [node.contentDocument] : []),
    ...(node.children ?? []),
  ];
}

function parentOf<Node extends DomNode>(root: Node, child: Node): Node | undefined {
  return flatten(root).find((node) => childrenOf(node).includes(child));
}

/** Style and hidden parts are not words that a person reads. */
function isVisible(node: DomNode, _index: number, all: DomNode[]): boolean {
  const inside = all.find(
    (other) =>
      (other.nodeName.toUpperCase() === "STYLE" || attribute(other, "hidden") !== undefined) &&
      flatten(other).includes(node),
  );
  return inside === undefined;
}

function attribute(node: DomNode, name: string): string | undefined {
  const index = node.attributes?.findIndex((value, i) => i % 2 === 0 && value === name) ?? -1;
  return index < 0 ? undefined : node.attributes?.[index + 1];
}
