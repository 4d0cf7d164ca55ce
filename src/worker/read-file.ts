/** Reads a file that a page sent. A Blob crosses a port without its bytes, so the disk is only read here. */
import { Problem } from "../core/contract/problem.ts";

/** @throws Problem of code `corrupt/file-changed` when the file was moved or changed after it was chosen */
export async function readFile(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new Problem({ code: "corrupt/file-changed" }, { cause });
  }
}
