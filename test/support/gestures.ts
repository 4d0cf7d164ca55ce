/** What a person does on a page of Playwright with dialogs, mouse and clipboard: the browser makes the events itself. */
import type { Locator, Page } from "playwright-core";
import type { UploadServer } from "../../scripts/lib/upload-server.ts";
import type { Sample } from "./samples.ts";

const SHIFT = 8;

/** Chooses files in an input as a person's file dialog does: by paths, and with events that the page must trust. */
export async function choose(page: Page, selector: string, ...samples: readonly Sample[]): Promise<void> {
  await page.setInputFiles(
    selector,
    samples.map(({ path }) => path),
  );
}

/** Chooses a file in the input that an expression gives in the page, also where selectors and documents of HTML do not reach. */
export async function chooseIn(page: Page, expression: string, { path }: Sample): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send("Runtime.evaluate", { expression });
  if (!result.objectId) throw new Error(`the page has no ${expression}`);
  await session.send("DOM.setFileInputFiles", { files: [path], objectId: result.objectId });
}

/** Drags files from the disk, and words, over an element and lets them fall, with the shift key down. */
export async function drop(
  onto: Page,
  where: string | Locator,
  paths: readonly string[],
  text?: string,
): Promise<void> {
  const box = await (typeof where === "string" ? onto.locator(where) : where).boundingBox();
  if (!box) throw new Error(`${where} is not drawn`);
  const session = await onto.context().newCDPSession(onto);
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", {
      type,
      x: box.x + 40,
      y: box.y + 20,
      modifiers: SHIFT,
      data: {
        items: text === undefined ? [] : [{ mimeType: "text/plain", data: text }],
        files: [...paths],
        dragOperationsMask: 1,
      },
    });
}

/** What the clipboard holds, by its type: the bytes of a PNG picture, HTML, or text. */
export type Copied = { readonly [Type in "image/png" | "text/html" | "text/plain"]?: string | Uint8Array };

/** Copies a PNG picture on another page, and comes back. */
export const copyPicture = (page: Page, server: UploadServer, { bytes }: Sample): Promise<void> =>
  copy(page, server, { "image/png": bytes });

/** Puts something on the clipboard on another page, and comes back. */
export async function copy(page: Page, server: UploadServer, copied: Copied): Promise<void> {
  const context = page.context();
  const source = await context.newPage();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await source.goto(publishCopied(server, copied));
  await source.bringToFront();
  await source.evaluate(writeToClipboard, Object.keys(copied));
  await source.close();
  await page.bringToFront();
}

/** Lets a server have what is to be copied. @returns the address of a page for {@link writeToClipboard} */
export function publishCopied(server: UploadServer, copied: Copied): string {
  for (const [type, data] of Object.entries(copied)) server.publish(`/copied/${type}`, type, data);
  return `${server.otherUrl}gallery.html`;
}

/** Runs in that page, with the types that are to be copied. */
export async function writeToClipboard(types: readonly string[]): Promise<void> {
  const read = async (type: string) => [type, await (await fetch(`/copied/${type}`)).blob()] as const;
  const items = Object.fromEntries(await Promise.all(types.map(read)));
  await navigator.clipboard.write([new ClipboardItem(items)]);
}
