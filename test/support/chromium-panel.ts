/** Looks at the panel of a page in Chromium, as the developer tools do. */
import type { CDPSession, Page } from "playwright-core";
import { type DomNode, flatten, isPanel, type PanelView, viewThrough } from "./panel.ts";

interface CdpNode extends DomNode {
  readonly nodeId: number;
  readonly backendNodeId: number;
}

/** The panel of a page. */
export async function viewPanel(page: Page): Promise<PanelView> {
  const session = await page.context().newCDPSession(page);
  return viewThrough<CdpNode>({
    tree: () => treeOf(session),
    async boxOf({ backendNodeId }) {
      const { model } = await session.send("DOM.getBoxModel", { backendNodeId });
      const [left = 0, , , , right = 0, bottom = 0] = model.border;
      return { width: right - left, right, bottom };
    },
    async press(node) {
      await session.send("DOM.scrollIntoViewIfNeeded", { backendNodeId: node.backendNodeId });
      // A person looks first, and the panel demands it where an original is at stake.
      await page.waitForTimeout(1000);
      await page.mouse.click(...(await centreOf(session, node)));
    },
  });
}

/** Those computed styles of the panel's element that a page might change: it can get at that element. */
export async function stylesOfPanel(page: Page): Promise<Record<string, string>> {
  const session = await page.context().newCDPSession(page);
  const host = flatten(await treeOf(session)).find((node) =>
    node.shadowRoots?.some((shadow) => flatten(shadow).some(isPanel)),
  );
  if (!host) throw new Error("there is no panel");
  await session.send("CSS.enable");
  const { computedStyle } = await session.send("CSS.getComputedStyleForNode", { nodeId: host.nodeId });
  const wanted = ["opacity", "filter", "transform", "visibility"];
  return Object.fromEntries(
    computedStyle.filter(({ name }) => wanted.includes(name)).map(({ name, value }) => [name, value]),
  );
}

async function treeOf(session: CDPSession): Promise<CdpNode> {
  const { root } = await session.send("DOM.getDocument", { depth: -1, pierce: true });
  return root as unknown as CdpNode;
}

async function centreOf(session: CDPSession, { backendNodeId }: CdpNode): Promise<[number, number]> {
  const { model } = await session.send("DOM.getBoxModel", { backendNodeId });
  const [left = 0, top = 0, , , right = 0, bottom = 0] = model.content;
  return [(left + right) / 2, (top + bottom) / 2];
}
