/** The worker's check of a page's message, in a file of its own to keep valibot out of content scripts. */
import * as v from "valibot";
import type { PictureMessage } from "./picture-port.ts";

const pictureMessageSchema = v.object({
  // As much of a name as file systems take.
  fileName: v.pipe(
    v.string(),
    v.transform((name) => name.slice(0, 255)),
  ),
  file: v.instance(Blob),
  purpose: v.picklist(["upload", "copy"]),
});

/** The message as it should be, without anything else that it held; undefined when it is none. */
export function parsePictureMessage(message: unknown): PictureMessage | undefined {
  const { success, output } = v.safeParse(pictureMessageSchema, message);
  return success ? output : undefined;
}
