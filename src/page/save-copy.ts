/** Downloads a protected copy of a picture on a page. The panel shows progress and problems. */
import { saving } from "../bridge/strings/panel.ts";
import { withSentence } from "../bridge/strings/problems.ts";
import { toProblemData } from "../core/contract/problem.ts";
import { download, protectedName } from "./download.ts";
import type { OpenCard } from "./panel/contract.ts";
import type { ProtectFile } from "./protect-client.ts";

const EXTENSIONS: Readonly<Record<string, string>> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "image/avif": "avif",
};

/**
 * Protects the picture at a URL and downloads the result. After a failure it tries again as often as the
 * person wants.
 *
 * @param read gets the bytes of the picture, anew for each try
 */
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
      const { bytes, type, words } = await protect(new File([await read()], name), row.progress, signal);
      row.done(words);
      download(new Blob([bytes], { type }), protectedName(`${name}.${EXTENSIONS[type] ?? "img"}`));
      card.finish();
      return;
    } catch (error) {
      if (!signal.aborted) await row.ask(withSentence(toProblemData(error)));
    }
  }
}

/** The file name in a URL, without its extension. */
function nameOf(url: string): string {
  const { protocol, pathname } = new URL(url, document.baseURI);
  if (!/^(https?|file):$/.test(protocol)) return "picture";
  let last = pathname.split("/").at(-1) ?? "";
  try {
    last = decodeURIComponent(last);
  } catch {
    // Not every URL is encoded correctly.
  }
  // File systems refuse these characters.
  return (
    last
      .replace(/\.\w{1,5}$/, "")
      .replace(/[\\/:*?"<>|\p{Cc}]/gu, "_")
      .slice(0, 100) || "picture"
  );
}
