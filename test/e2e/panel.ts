/**
 * The panel as a person meets it: its words, and presses of its buttons at the place where they are drawn. Its shadow root is
 * closed to pages, and so to scripts of a test; the developer tools' view of the document is not.
 */
import type { CDPSession, Page } from "playwright-core";

interface DomNode {
  readonly nodeId: number;
  readonly backendNodeId: number;
  readonly nodeName: string;
  readonly nodeValue: string;
  readonly attributes?: readonly string[];
  readonly children?: readonly DomNode[];
  readonly shadowRoots?: readonly DomNode[];
  readonly contentDocument?: DomNode;
}

export interface PanelView {
  /** All words of the panel; empty when there is none. */
  text(): Promise<string>;
  /** Waits until the panel's words match, and returns them. */
  waitFor(pattern: RegExp, timeout?: number): Promise<string>;
  /** Waits until there is no panel. */
  waitUntilGone(timeout?: number): Promise<void>;
  /** Where the first card is drawn, in CSS pixels of the page. */
  box(): Promise<{ width: number; right: number; bottom: number }>;
  /** Presses the button with this label, as a person's mouse does. */
  press(label: string): Promise<void>;
}

/** Looks at the panel of a page. */
export async function viewPanel(page: Page): Promise<PanelView> {
  const session = await page.context().newCDPSession(page);

  async function nodes(): Promise<DomNode[]> {
    const { root } = (await session.send("DOM.getDocument", { depth: -1, pierce: true })) as unknown as {
      root: DomNode;
    };
    const panel = flatten(root).find(
      (node) => node.nodeName === "SECTION" && attribute(node, "aria-label") === "Penumbra",
    );
    // All cards are siblings in the same shadow root.
    return panel ? flatten(parentOf(root, panel) ?? panel).filter(isVisible) : [];
  }

  const text = async () =>
    (await nodes())
      .filter((node) => node.nodeName === "#text")
      .map((node) => node.nodeValue)
      .join(" ");

  return {
    text,
    waitFor: (pattern, timeout = 30_000) =>
      until(`the panel says ${pattern}`, timeout, text, (words) => pattern.test(words)),
    async waitUntilGone(timeout = 30_000) {
      await until("the panel is gone", timeout, text, (words) => words === "");
    },
    async box() {
      const section = (await nodes()).find((node) => node.nodeName === "SECTION");
      if (!section) throw new Error("there is no panel");
      const { model } = await session.send("DOM.getBoxModel", { backendNodeId: section.backendNodeId });
      const [left = 0, , , , right = 0, bottom = 0] = model.border;
      return { width: right - left, right, bottom };
    },
    async press(label) {
      const button = (await nodes()).find(
        (node) =>
          node.nodeName === "BUTTON" &&
          flatten(node).some((child) => child.nodeName === "#text" && child.nodeValue === label),
      );
      if (!button) throw new Error(`expected a button "${label}" in the panel, got: ${await text()}`);
      const [x, y] = await centreOf(session, button);
      await page.mouse.click(x, y);
    },
  };
}

async function centreOf(session: CDPSession, { backendNodeId }: DomNode): Promise<[number, number]> {
  await session.send("DOM.scrollIntoViewIfNeeded", { backendNodeId });
  const { model } = await session.send("DOM.getBoxModel", { backendNodeId });
  const [left = 0, top = 0, , , right = 0, bottom = 0] = model.content;
  return [(left + right) / 2, (top + bottom) / 2];
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

function flatten(node: DomNode): DomNode[] {
  return [node, ...childrenOf(node).flatMap(flatten)];
}

function childrenOf(node: DomNode): readonly DomNode[] {
  return [
    ...(node.shadowRoots ?? []),
    ...(node.contentDocument ? [node.contentDocument] : []),
    ...(node.children ?? []),
  ];
}

function parentOf(root: DomNode, child: DomNode): DomNode | undefined {
  return flatten(root).find((node) => childrenOf(node).includes(child));
}

/** Style and hidden parts are not words that a person reads. */
function isVisible(node: DomNode, _index: number, all: DomNode[]): boolean {
  const inside = all.find(
    (other) =>
      (other.nodeName === "STYLE" || attribute(other, "hidden") !== undefined) &&
      flatten(other).includes(node),
  );
  return inside === undefined;
}

function attribute(node: DomNode, name: string): string | undefined {
  const index = node.attributes?.findIndex((value, i) => i % 2 === 0 && value === name) ?? -1;
  return index < 0 ? undefined : node.attributes?.[index + 1];
}
