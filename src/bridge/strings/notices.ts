/** What a person should know about a protected picture, in sentences: one for each code of a notice. */
import type { Notice } from "../../core/contract/notice.ts";
import { MIN_SIDE } from "../../core/contract/pixels.ts";

type Values<Code extends Notice["code"]> = Extract<Notice, { code: Code }>;

const sentences: { readonly [Code in Notice["code"]]: (values: Values<Code>) => string } = {
  "format-changed": ({ from, to }) => `It was a ${from} file and is a ${to} file now.`,
  larger: ({ times }) =>
    `The file is ${times.toFixed(1)} times as large as before, since a change of gradual colours takes room.`,
  "sixteen-bit": () => "Its colours are a little less finely graded than before (8 bits each).",
  "second-picture": () => "The file held several pictures; only the first was kept.",
  "nothing-to-protect": () =>
    `It is of one colour or smaller than ${MIN_SIDE} by ${MIN_SIDE} pixels, so it was not changed. Data hidden in its file, such as where it was taken, is not kept.`,
  "mostly-flat": () =>
    "Most of it has even colours. These stay as they are, since a change there would be seen, and so it is hardly protected.",
  "gain-map": () => "What made it brighter on HDR screens was left out.",
};

/** The sentence for a notice. */
export function noticeText(notice: Notice): string {
  return (sentences[notice.code] as (values: Notice) => string)(notice);
}
