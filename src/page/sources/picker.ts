/**
 * Files of handles, which pages get from `showOpenFilePicker()` and keep for as long as they like. We read them in the page's
 * stead, so that it only gets the protected file. A page's own private file system is its own.
 */

import type { Picked } from "../../bridge/page-channel.ts";
import type { HandleChoice } from "../choice.ts";
import type { Gate } from "../gate.ts";
import type { OwnFiles } from "../own-files.ts";
import { mayBePicture } from "../pictures.ts";

/** Makes what answers the page's `getFile()`: see `Answers.readsHandle`. */
export function createPicker(
  gate: Gate,
  handle: HandleChoice,
  own: OwnFiles,
): (port: MessagePort) => boolean {
  const left = new AbortController();
  window.addEventListener("pagehide", ({ persisted }) => persisted || left.abort());

  async function read(source: FileSystemFileHandle, answer: (picked: Picked) => void) {
    const file = await source.getFile();
    if (!mayBePicture(file) || (await isOfThePage(source))) return answer({ file });
    await handle({
      files: [file],
      signal: left.signal,
      deliver([result]) {
        if (result) {
          own.add(result);
          answer({ file: result });
        }
        return true;
      },
      cancel: () => answer({ name: "AbortError", message: "The user aborted a request." }),
    });
  }

  return (port) => {
    if (gate.state === "off") return false;
    port.onmessage = ({ data }) =>
      read(data, (picked) => port.postMessage(picked)).catch(({ name, message }) =>
        port.postMessage({ name, message }),
      );
    return true;
  };
}

async function isOfThePage(file: FileSystemFileHandle): Promise<boolean> {
  try {
    return (await (await navigator.storage.getDirectory()).resolve(file)) !== null;
  } catch {
    return false;
  }
}
