/**
 * The lab's networks for pictures of 32 pixels, asked together. For measuring what a network learns from protected pictures
 * (docs/lab.md), not for people's photographs.
 */
import type { Network, Surrogate } from "../engine/surrogate.ts";
import { THUMBNAILS } from "../engine/transforms.ts";
import { createPlannedNetwork } from "./planned-network.ts";

/** @param files networks that know the same classes, as lab/export_surrogates.py writes them; at least one */
export function createThumbnailEnsemble(id: string, files: readonly ArrayBuffer[]): Surrogate {
  const members = files.map(createPlannedNetwork) as [Network, ...Network[]];
  return {
    id,
    inputSize: 32,
    numClasses: members[0].bank.numClasses,
    members,
    viewing: THUMBNAILS,
    // What the lab chose, by what networks learned; nothing in such a picture is smooth enough to be spared.
    ascent: { steps: 20, stepScale: 4, smoothShare: 1 },
    dispose() {
      for (const member of members) member.dispose();
    },
  };
}
