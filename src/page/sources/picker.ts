/**
 * Files of handles, which a page gets from `showOpenFilePicker()` and may keep. The page's `getFile()` is
 * answered from here, so that the page only receives the protected file. Handles of the page's own private
 * file system are left alone.
 */
import type { HandleAnswer } from "../../bridge/page-channel.ts";
import type { PageContext } from "../page-context.ts";
import type { PageWorldAnswers } from "../page-world-channel.ts";
import { mayBePicture } from "../pictures.ts";
import { answerBy } from "./answer.ts";

/** Makes the answer to the page's `getFile()`. */
export function createHandleReader(context: PageContext): PageWorldAnswers["readsHandle"] {
  const { gate, handle, knownFiles, left } = context;
  return answerBy<FileSystemFileHandle, HandleAnswer>(gate, async (fileHandle, answer) => {
    const file = await fileHandle.getFile();
    if (!mayBePicture(file) || (await isInPrivateFileSystem(fileHandle))) return answer({ file });
    await handle({
      files: [file],
      signal: left,
      deliver([result]) {
        if (result) {
          knownFiles.add(result);
          answer({ file: result });
        }
        return true;
      },
      cancel: () => answer({ name: "AbortError", message: "The user aborted a request." }),
    });
  });
}

async function isInPrivateFileSystem(fileHandle: FileSystemFileHandle): Promise<boolean> {
  try {
    return (await (await navigator.storage.getDirectory()).resolve(fileHandle)) !== null;
  } catch {
    return false;
  }
}
