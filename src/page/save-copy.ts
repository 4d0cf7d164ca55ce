/** Saves a protected copy of a picture on a page as a download; progress and problems are in the panel. */

import { saving } from "../bridge/strings/panel.ts";
import { toProblemData } from "../core/contract/problem.ts";
import { download, protectedName } from "./download.ts";
import type { OpenCard } from "./panel/contract.ts";

import type { ProtectFile } from "./protect-client.ts";

const EXTENSIONS: Readonly<Record<string, string>> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "image/gif": "gif",
};

/** Reads, protects and saves the picture at `url`; again as often as the person wants after a failure. */
export async function saveCopy(
  url: string,
  read: () => Promise<Blob>,
  protect: ProtectFile,
  openCard: OpenCard,
): Promise<void> {
  const abort = new AbortController();
  const { signal } = abort;
  const name = nameOf(url);
  const card = openCard([name], { cancel: () => abort.abort() }, saving);
  const [row] = card.rows;
  signal.addEventListener("abort", () => card.close());
  while (row && !signal.aborted) {
    row.start();
    try {
      const { bytes, type, report } = await protect(new File([await read()], name), row.progress, signal);
      row.done(report);
      download(new Blob([bytes], { type }), protectedName(`${name}.${EXTENSIONS[type] ?? "img"}`));
      card.finish();
      return;
    } catch (error) {
      if (!signal.aborted) await row.ask(toProblemData(error));
    }
  }
}

/** The name of the picture in its address, without its extension. */
function nameOf(url: string): string {
  const { protocol, pathname } = new URL(url, document.baseURI);
  if (!/^(https?|file):$/.test(protocol)) return "picture";
  let last = pathname.split("/").at(-1) ?? "";
  try {
    last = decodeURIComponent(last);
  } catch {
    // Not every address is well encoded.
  }
  // Without what file systems do not take.
  return (
    last
      .replace(/\.\w{1,5}$/, "")
      .replace(/[\\/:*?"<>|\p{Cc}]/gu, "_")
      .slice(0, 100) || "picture"
  );
}
