/** What a person does in a page. The browser makes the events itself, so that the page must trust them. */
import type {} from "@vitest/browser-playwright";
import { cdp, server } from "vitest/browser";

/** Files and a folder on the disk, by names that tests can choose or drop. */
const DISK = {
  "16.png": "assets/icons/16.png",
  "32.png": "assets/icons/32.png",
  "README.md": "README.md",
  icons: "assets/icons",
} as const;

export type OnDisk = keyof typeof DISK;

const pathOf = (name: OnDisk) => `${server.config.root}/${DISK[name]}`;

/** Chooses files in an input, which may be anywhere or nowhere in the page, as a file dialog does. */
export async function choose(input: HTMLInputElement, ...names: readonly OnDisk[]): Promise<void> {
  // The developer tools see the top window, which is of the same origin.
  Object.assign(window.top as Window, { chosenInput: input });
  const { result } = await cdp().send("Runtime.evaluate", { expression: "window.chosenInput" });
  const { objectId } = result;
  if (!objectId) throw new Error("the developer tools do not find the input");
  await cdp().send("DOM.setFileInputFiles", { objectId, files: names.map(pathOf) });
}

interface Drop {
  readonly names: readonly OnDisk[];
  readonly text?: string;
  /** As in the developer tools' protocol: 8 is the shift key. */
  readonly modifiers?: number;
}

/** Drops files and a text on the middle of an element. */
export async function drop(onto: Element, { names, text, modifiers = 0 }: Drop): Promise<void> {
  const items = text === undefined ? [] : [{ mimeType: "text/plain", data: text }];
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await cdp().send("Input.dispatchDragEvent", {
      ...{ type, modifiers, ...middleOf(onto) },
      data: { items, files: names.map(pathOf), dragOperationsMask: 1 },
    });
}

/** Clicks on the middle of an element. */
export async function click(element: Element): Promise<void> {
  for (const type of ["mousePressed", "mouseReleased"] as const)
    await cdp().send("Input.dispatchMouseEvent", {
      type,
      button: "left",
      clickCount: 1,
      ...middleOf(element),
    });
}

interface Paste {
  readonly text?: string;
  readonly html?: string;
  readonly picture?: boolean;
}

/** Puts a picture and, where given, texts on the clipboard, and pastes them into what has the focus. */
export async function paste({ text, html, picture = true }: Paste): Promise<void> {
  await cdp().send("Browser.grantPermissions", {
    permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"],
  });
  const items: Record<string, Blob> = {};
  if (picture) items["image/png"] = await pictureBlob();
  if (text !== undefined) items["text/plain"] = new Blob([text], { type: "text/plain" });
  if (html !== undefined) items["text/html"] = new Blob([html], { type: "text/html" });
  await navigator.clipboard.write([new ClipboardItem(items)]);
  await cdp().send("Input.dispatchKeyEvent", {
    ...{ type: "keyDown", key: "v", code: "KeyV", modifiers: 2, commands: ["paste"] },
  });
  await cdp().send("Input.dispatchKeyEvent", { type: "keyUp", key: "v", code: "KeyV" });
}

async function pictureBlob(): Promise<Blob> {
  const blob = await new OffscreenCanvas(4, 4).getContext("2d")?.canvas.convertToBlob();
  if (!blob) throw new Error("no picture could be drawn");
  return blob;
}

/** In the coordinates of the top window. */
function middleOf(element: Element): { x: number; y: number } {
  const { x, y, width, height } = element.getBoundingClientRect();
  const middle = { x: x + width / 2, y: y + height / 2 };
  let reach = element.ownerDocument.defaultView;
  while (reach?.frameElement) {
    const frame = reach.frameElement.getBoundingClientRect();
    middle.x += frame.x;
    middle.y += frame.y;
    reach = reach.frameElement.ownerDocument.defaultView;
  }
  return middle;
}

/** Presses a key where the focus is. */
export async function press(key: string): Promise<void> {
  const code = { key, code: key, windowsVirtualKeyCode: { F6: 117, Escape: 27, Tab: 9 }[key] ?? 0 };
  for (const type of ["keyDown", "keyUp"] as const)
    await cdp().send("Input.dispatchKeyEvent", { type, ...code });
}
