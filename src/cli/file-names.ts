/** Names of protected files. */
import { extname } from "node:path";
import type { Notice } from "../core/contract/notice.ts";

/** The name with the end of the format into which the picture was changed: `photo.heic` -> `photo.jpg`. */
export function nameInNewFormat(name: string, notices: readonly Notice[]): string {
  const changed = notices.find((notice) => notice.code === "format-changed");
  return changed ? `${name.slice(0, name.length - extname(name).length)}.${changed.extension}` : name;
}
