/**
 * The lab's networks for pictures of 32 pixels, asked together. For measuring what a network learns from protected pictures
 * (docs/lab.md), not for people's photographs.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Network, Surrogate } from "../engine/surrogate.ts";
import { THUMBNAILS } from "../engine/transforms.ts";
import { createPlannedNetwork } from "./planned-network.ts";

/** Files as lab/export_surrogates.py writes them, of networks that know the same classes. */
export interface ThumbnailFiles {
  /** At least one. */
  readonly members: readonly ArrayBuffer[];
  readonly labeller: ArrayBuffer;
}

export function createThumbnailEnsemble(id: string, files: ThumbnailFiles): Surrogate {
  const members = files.members.map((file) => createPlannedNetwork(file)) as [Network, ...Network[]];
  const classifier = createPlannedNetwork(files.labeller);
  const labeller: Network = {
    ...classifier,
    // Of a picture and its mirror image: it is right a little more often so.
    embed: (views) =>
      tf.tidy(() => tf.mul(0.5, tf.add(classifier.embed(views), classifier.embed(tf.reverse(views, 2))))),
  };
  return {
    id,
    inputSize: 32,
    numClasses: labeller.bank.numClasses,
    members,
    labeller,
    viewing: THUMBNAILS,
    // What the lab chose, by what networks learned; nothing in such a picture is smooth enough to be spared.
    ascent: { steps: 40, stepScale: 8, smoothShare: 1 },
    together: 16,
    dispose() {
      for (const network of [...members, labeller]) network.dispose();
    },
  };
}
