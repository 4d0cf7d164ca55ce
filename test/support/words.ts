/** Words of the panel that tests look for or press, from where the extension takes them. */
import { panel, saving, sending } from "../../src/bridge/strings/panel.ts";
import { figureOf } from "../../src/bridge/strings/results.ts";
import { stages } from "../../src/bridge/strings/stages.ts";
import type { ProtectionReport } from "../../src/core/contract/protected-picture.ts";

export { protectedBefore } from "../../src/bridge/strings/results.ts";
export const { buttons } = panel;

/** The title of a card that is at work on these files. */
export const working = (...names: readonly string[]): string => sending.working(names);

/** The gradient steps have begun. */
export const changing = stages.ascend;

/** The title of a card that is done. */
export const { done } = sending;

/** What a failure begins with. */
export const failed = panel.failed("").trim();

export const skip = sending.skip as string;
export const sendOriginal = sending.original as string;
export const copySaved = saving.done(1, 1);
export const { covered, refused, saved: savedNote } = panel;

/** The figure behind a result: how surely the network takes a picture for another one, before and after, in percent. */
export const figure = (() => {
  const report = { objective: "features", featureErrorBefore: 0, featureErrorAfter: 1 } as ProtectionReport;
  return new RegExp(`${figureOf(report).name}: (?:<\\s)?([\\d.]+)\\s% → ([\\d.]+)\\s%`);
})();
