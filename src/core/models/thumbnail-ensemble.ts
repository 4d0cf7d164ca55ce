/**
 * The lab's networks for pictures of 32 pixels, asked together. For measuring what a network learns from protected pictures
 * (docs/lab.md), not for people's photographs.
 */
import * as tf from "@tensorflow/tfjs-core";
import { noMask } from "../engine/mask.ts";
import type { Network, Surrogate } from "../engine/surrogate.ts";
import { THUMBNAILS } from "../engine/transforms.ts";
import { createPlannedNetwork } from "./planned-network.ts";

/** Files as lab/export_surrogates.py writes them, of networks that know the same classes. */
export interface ThumbnailFiles {
  /** At least one. */
  readonly members: readonly ArrayBuffer[];
  readonly labeller: ArrayBuffer;
}

/** Down and to the right, in pixels: how a picture, and its mirror image, are shown to the labeller. */
const SHIFTS = [
  [0, 0],
  [1, 2],
  [-1, -2],
] as const;

export function createThumbnailEnsemble(id: string, files: ThumbnailFiles): Surrogate {
  const members = files.members.map((file) => createPlannedNetwork(file)) as [Network, ...Network[]];
  const classifier = createPlannedNetwork(files.labeller);
  const labeller: Network = {
    ...classifier,
    // It is right a little more often so than of the picture alone.
    embed: (views) =>
      tf.tidy(() => {
        const seen = [views, tf.reverse(views, 2)].flatMap((each) => SHIFTS.map((by) => shift(each, by)));
        return tf.div(tf.addN(seen.map((each) => classifier.embed(each))), seen.length);
      }),
  };
  return {
    id,
    inputSize: 32,
    numClasses: labeller.bank.numClasses,
    members,
    labeller,
    viewing: THUMBNAILS,
    // What the lab chose, by what networks learned; nothing in such a picture is smooth enough to be spared.
    ascent: { steps: 40, stepScale: 8, mask: noMask, luminanceOnly: false },
    together: 16,
    dispose() {
      for (const network of [...members, labeller]) network.dispose();
    },
  };
}

/** Views [B, S, S, 3], moved; what comes in at the borders is mirrored. */
function shift(views: tf.Tensor4D, [down, right]: (typeof SHIFTS)[number]): tf.Tensor4D {
  const pad = (by: number): [number, number] => [Math.max(0, by), Math.max(0, -by)];
  const wide = tf.mirrorPad(views, [[0, 0], pad(down), pad(right), [0, 0]], "reflect");
  return tf.slice(wide, [0, Math.max(0, -down), Math.max(0, -right), 0], views.shape);
}
