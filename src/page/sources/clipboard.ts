/**
 * `navigator.clipboard.read()`, for which browsers ask the person. The page's call is answered from here, so
 * that the page only receives protected pictures.
 *
 * During a person's paste Firefox does not ask. Ours comes later, and a page that reads then receives what was
 * pasted.
 */
import type { ClipboardAnswer } from "../../bridge/page-channel.ts";
import type { PageContext } from "../page-context.ts";
import type { PageWorldAnswers } from "../page-world-channel.ts";
import { mayBePicture } from "../pictures.ts";
import { answerBy } from "./answer.ts";
import { picturesIn } from "./text-pictures.ts";

/** One form of an item of the clipboard: its files, and how it is made of others. */
interface Form {
  readonly type: string;
  readonly files: readonly File[];
  write(files: readonly File[]): Promise<Blob>;
}

/** What is being pasted by {@link dispatchPaste}. */
let pasted: DataTransfer | null = null;

/** Dispatches a paste during which the page may read the clipboard. @returns whether the page left it to the browser */
export function dispatchPaste(target: EventTarget, event: ClipboardEvent): boolean {
  pasted = event.clipboardData;
  const isLeft = target.dispatchEvent(event);
  pasted = null;
  return isLeft;
}

/** Makes the answer to the page's `read()`. */
export function createClipboardReader(context: PageContext): PageWorldAnswers["readsClipboard"] {
  const { gate, handle, left } = context;
  const read = answerBy<ClipboardUnsanitizedFormats | undefined, ClipboardAnswer>(
    gate,
    async (formats, answer) => {
      const items = await (navigator.clipboard.read as (formats?: object) => Promise<ClipboardItems>)(
        formats,
      );
      const forms = await Promise.all(
        items.map((item) =>
          Promise.all(item.types.map(async (type) => formOf(type, await item.getType(type)))),
        ),
      );
      const files = forms.flat().flatMap((form) => form.files);
      const deliver = async (results: readonly File[]) => {
        const rest = [...results];
        const rebuild = async ({ type, files, write }: Form) =>
          [type, await write(rest.splice(0, files.length))] as const;
        answer({ items: await Promise.all(forms.map((item) => Promise.all(item.map(rebuild)))) });
        return true;
      };
      if (!files.some(mayBePicture)) return void deliver(files);
      await handle({
        ...{ files, deliver, signal: left },
        cancel: () => answer({ name: "NotAllowedError", message: "Read permission denied." }),
      });
    },
  );
  return (port) => {
    const transfer = pasted;
    if (!transfer) return read(port);
    const texts = transfer.types.map((type) => [type, transfer.getData(type)] as const);
    const forms = [...texts, ...[...transfer.files].map((file) => [file.type, file] as const)]
      .filter(([type]) => READABLE.test(type))
      .map(([type, content]) => [type, new Blob([content], { type })] as const);
    port.postMessage({ items: [forms] } satisfies ClipboardAnswer);
    return true;
  };
}

/** The types that browsers let a page read. */
const READABLE = /^(text\/(plain|html)|image\/png)$/;

interface ClipboardUnsanitizedFormats {
  readonly unsanitized?: readonly string[];
}

async function formOf(type: string, blob: Blob): Promise<Form> {
  if (type.startsWith("text/")) {
    const { pictures, isPlain, replace } = picturesIn(await blob.text());
    const write = async (files: readonly File[]) =>
      isPlain ? blob : new Blob([await replace(files)], { type: blob.type });
    return { type, files: pictures, write };
  }
  const file = new File([blob], `picture.${type.replace(/.*\//, "")}`, { type: blob.type });
  return { type, files: [file], write: async ([result]) => new Blob([result as File], { type: blob.type }) };
}
