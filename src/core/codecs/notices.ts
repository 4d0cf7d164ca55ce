/** What a protected file will lack of its original, as far as the original's headers tell. */
import type { Notice } from "../contract/notice.ts";
import { formatOf, writtenFormat } from "./formats.ts";
import type { PictureInfo } from "./picture-info.ts";

export function noticesOf(info: PictureInfo): Notice[] {
  const from = formatOf(info.type);
  const to = writtenFormat(info);
  const { extension } = to;
  return [
    ...(to === from ? [] : [{ code: "format-changed" as const, from: from.name, to: to.name, extension }]),
    ...(info.bitDepth > 8 ? [{ code: "sixteen-bit" as const }] : []),
    ...(info.extras ?? []).map((code) => ({ code })),
  ];
}
