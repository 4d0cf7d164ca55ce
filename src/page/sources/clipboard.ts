/**
 * `navigator.clipboard.read()`, for which browsers ask the person. The page's call is answered from here, so
 * that the page only receives protected pictures.
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

/** Makes the answer to the page's `read()`. */
export function createClipboardReader(context: PageContext): PageWorldAnswers["readsClipboard"] {
  const { gate, handle, left } = context;
  return answerBy<ClipboardUnsanitizedFormats | undefined, ClipboardAnswer>(gate, async (formats, answer) => {
    const items = await (navigator.clipboard.read as (formats?: object) => Promise<ClipboardItems>)(formats);
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
  });
}

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
