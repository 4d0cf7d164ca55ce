/**
 * What a browser does with a paste or a drop that the page leaves to it: it asks the page by `beforeinput`,
 * inserts at the caret, and reports `input`. Browsers do so only for a person's own event, so it is done here
 * for ours: at the place where the person pasted or dropped, wherever the focus is by then.
 */
import { captureAtWindow } from "../capture-listeners.ts";
import { dataAddress } from "./text-pictures.ts";

type InputType = "insertFromPaste" | "insertFromDrop";

export interface Place {
  /** @returns whether the page took it or anything was inserted */
  insert(transfer: DataTransfer, inputType: InputType): Promise<boolean>;
}

/** Events of an insertion by us name no paste, so that the page gets others in their place. */
let editing = false;

/** Called once, before the page's scripts run. */
export function watchInsertions(): void {
  const stop = (event: Event) => editing && event.stopImmediatePropagation();
  captureAtWindow("beforeinput", stop);
  captureAtWindow("input", stop);
}

/** Whether HTML has words, and not only pictures. */
export function hasWords(html: string): boolean {
  return /\S/.test(cleaned(html).textContent);
}

type Point = Pick<MouseEvent, "clientX" | "clientY">;

/**
 * Where text goes that is pasted into an element, or dropped at a point in it.
 *
 * @returns `undefined` if nothing there can be edited
 */
export function placeIn(target: EventTarget, point?: Point): Place | undefined {
  if (isTextField(target)) return inTextField(target);
  const element = target as Partial<HTMLElement>;
  if (!element.isContentEditable) return undefined;
  return inEditor(element as HTMLElement, point);
}

type TextField = HTMLInputElement | HTMLTextAreaElement;

function isTextField(target: EventTarget): target is TextField {
  const { selectionStart, readOnly, disabled } = target as Partial<TextField>;
  return typeof selectionStart === "number" && !readOnly && !disabled;
}

function inTextField(field: TextField): Place {
  const { selectionStart, selectionEnd } = field;
  return {
    async insert(transfer, inputType) {
      const text = transfer.getData("text/plain");
      return input(field, { inputType, data: text }, text !== "", () => {
        if (isActive(field) && field.ownerDocument.execCommand("insertText", false, text)) return;
        field.setRangeText(text, selectionStart ?? 0, selectionEnd ?? 0, "end");
      });
    },
  };
}

function inEditor(element: HTMLElement, point?: Point): Place {
  const document = element.ownerDocument;
  const root = element.getRootNode() as Document & { getSelection?(): Selection | null };
  const selection = root.getSelection?.() ?? document.getSelection();
  const range = selection?.rangeCount ? selection.getRangeAt(0).cloneRange() : document.createRange();
  const caret = point && document.caretPositionFromPoint(point.clientX, point.clientY);
  if (caret) range.setStart(caret.offsetNode, caret.offset);
  if (caret) range.collapse(true);
  else if (!selection?.rangeCount) range.selectNodeContents(element);
  return {
    async insert(transfer, inputType) {
      const content = await contentOf(transfer, element, inputType);
      return input(element, { inputType, dataTransfer: transfer }, content.innerHTML !== "", () =>
        edit(element, selection, range, content),
      );
    },
  };
}

/** What an editor receives: rich text if there is any, otherwise the pictures, otherwise the words. */
async function contentOf(
  transfer: DataTransfer,
  element: HTMLElement,
  inputType: InputType,
): Promise<HTMLElement> {
  const takesText =
    element.closest("[contenteditable]")?.getAttribute("contenteditable") === "plaintext-only";
  const html = transfer.getData("text/html");
  if (html && !takesText) return cleaned(html);
  const content = cleaned("");
  // A file that falls into an editor is opened by the browser in place of the page.
  const pictures = inputType === "insertFromPaste" && !takesText ? [...transfer.files] : [];
  for (const picture of pictures.filter(({ type }) => type.startsWith("image/"))) {
    const image = content.ownerDocument.createElement("img");
    image.src = await dataAddress(picture);
    image.alt = "";
    content.append(image);
  }
  if (!content.hasChildNodes()) content.append(transfer.getData("text/plain"));
  return content;
}

/** Only the browser can clean rich text of scripts. */
function cleaned(html: string): HTMLElement {
  const { body } = document.implementation.createHTMLDocument();
  // Keeps all that cannot run a script.
  (body as HTMLElement & { setHTML(html: string, options: object): void }).setHTML(html, { sanitizer: {} });
  return body;
}

/** Asks the page, and inserts if it leaves the insertion to the browser. */
function input(target: HTMLElement, init: InputEventInit, hasContent: boolean, insert: () => void): boolean {
  const dispatch = (type: string, cancelable: boolean) =>
    target.dispatchEvent(new InputEvent(type, { ...init, cancelable, bubbles: true, composed: true }));
  if (!target.isConnected || !hasContent) return false;
  if (!dispatch("beforeinput", true)) return true;
  editing = true;
  try {
    insert();
  } finally {
    editing = false;
  }
  dispatch("input", false);
  return true;
}

/** Replaces a range of an editor, as a step that can be undone where the person still is in that editor. */
function edit(element: HTMLElement, selection: Selection | null, range: Range, content: HTMLElement) {
  const text = content.firstElementChild ? "" : content.textContent;
  if (selection && isActive(element)) {
    const later = selection.rangeCount > 0 ? selection.getRangeAt(0).cloneRange() : range;
    const hasMoved = [Range.START_TO_START, Range.END_TO_END].some(
      (ends) => later.compareBoundaryPoints(ends, range) !== 0,
    );
    select(selection, range);
    const done = element.ownerDocument.execCommand(
      text ? "insertText" : "insertHTML",
      false,
      text || content.innerHTML,
    );
    if (hasMoved) select(selection, later);
    if (done) return;
  }
  range.deleteContents();
  const fragment = element.ownerDocument.createDocumentFragment();
  fragment.append(...content.childNodes);
  range.insertNode(fragment);
}

function select(selection: Selection, { startContainer, startOffset, endContainer, endOffset }: Range) {
  selection.setBaseAndExtent(startContainer, startOffset, endContainer, endOffset);
}

/** Whether what is typed now goes into an element. */
function isActive(element: HTMLElement): boolean {
  const { activeElement } = element.getRootNode() as Document | ShadowRoot;
  return activeElement?.contains(element) ?? false;
}
