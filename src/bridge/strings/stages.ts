/** The stages of the work on one picture, as the panel and the popup name them. */
import type { Progress } from "../../core/contract/protected-picture.ts";

export const stages: Readonly<Record<Progress["stage"], string>> = {
  waiting: "Waiting for its turn",
  decode: "Reading the picture",
  ascend: "Changing the picture",
  encode: "Writing the file",
  verify: "Checking the finished file",
};
