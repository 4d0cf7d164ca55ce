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
  /** At least one. */
  readonly labellers: readonly ArrayBuffer[];
}

export function createThumbnailEnsemble(id: string, files: ThumbnailFiles): Surrogate {
  const members = files.members.map(createPlannedNetwork) as [Network, ...Network[]];
  const labellers = files.labellers.map((file) => withMirrorImage(createPlannedNetwork(file)));
  return {
    id,
    inputSize: 32,
    numClasses: members[0].bank.numClasses,
    members,
    labellers: labellers as [Network, ...Network[]],
    viewing: THUMBNAILS,
    // What the lab chose, by what networks learned; nothing in such a picture is smooth enough to be spared.
    ascent: { steps: 20, stepScale: 4, smoothShare: 1 },
    dispose() {
      for (const network of [...members, ...labellers]) network.dispose();
    },
  };
}

/** A classifier that sees a picture and its mirror image: it is right a little more often so. */
function withMirrorImage(classifier: Network): Network {
  return {
    ...classifier,
    embed: (views) =>
      tf.tidy(() => tf.mul(0.5, tf.add(classifier.embed(views), classifier.embed(tf.reverse(views, 2))))),
  };
}
