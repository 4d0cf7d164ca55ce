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

/** Copies a PNG picture, and words with it, on another page, and comes back. */
export async function copyPicture(
  page: Page,
  server: UploadServer,
  sample: Sample,
  text?: string,
): Promise<void> {
  const context = page.context();
  server.publish("/copied.png", "image/png", sample.bytes);
  const source = await context.newPage();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await source.goto(`${server.otherUrl}gallery.html`);
  await source.bringToFront();
  await source.evaluate(async (words) => {
    const picture = await (await fetch("/copied.png")).blob();
    const items: Record<string, Blob> = { "image/png": picture };
    if (words !== undefined) items["text/plain"] = new Blob([words], { type: "text/plain" });
    await navigator.clipboard.write([new ClipboardItem(items)]);
  }, text);
  await source.close();
  await page.bringToFront();
}
