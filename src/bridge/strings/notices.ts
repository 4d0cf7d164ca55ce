/** What a person should know about a protected picture, in sentences: one for each code of a notice. */
import type { Notice } from "../../core/contract/notice.ts";

type Changed = Extract<Notice, { code: "format-changed" }>;

const sentences: {
  readonly [Code in Notice["code"]]: Code extends "format-changed" ? (values: Changed) => string : string;
} = {
  "format-changed": ({ from, to }) => `It was a ${from} file and is a ${to} file now.`,
  "sixteen-bit": "Its colours are a little less finely graded than before (8 bits each).",
  "second-picture": "The file held several pictures; only the first was kept.",
  "gain-map": "What made it brighter on HDR screens was left out.",
};

/** The sentence for a notice. */
export function noticeText(notice: Notice): string {
  return notice.code === "format-changed" ? sentences[notice.code](notice) : sentences[notice.code];
}
