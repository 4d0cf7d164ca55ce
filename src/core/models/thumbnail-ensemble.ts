/**
 * An ensemble of the lab's networks for pictures of 32 pixels: for measuring what a network learns from
 * protected pictures (docs/lab.md), not for people's photographs.
 */
import * as tf from "@tensorflow/tfjs-core";
import { noMask } from "../engine/mask.ts";
import type { Network, Surrogate } from "../engine/surrogate.ts";
import { THUMBNAIL_VIEWS } from "../engine/transforms.ts";
import { createNetworkFromFile } from "./network-from-file.ts";

/** Files by lab/export_surrogates.py, of networks with the same classes. */
export interface ThumbnailFiles {
  /** At least one. */
  readonly members: readonly ArrayBuffer[];
  readonly labeller: ArrayBuffer;
}

/**
 * Down and to the right, in pixels: the labeller sees a picture and its mirror image with each of these
 * shifts.
 */
const SHIFTS = [
  [0, 0],
  [1, 2],
  [-1, -2],
] as const;

export function createThumbnailEnsemble(id: string, files: ThumbnailFiles): Surrogate {
  const members = files.members.map((file) => createNetworkFromFile(file)) as [Network, ...Network[]];
  const classifier = createNetworkFromFile(files.labeller);
  const labeller: Network = {
    ...classifier,
    // Test-time augmentation: the mean over these views is right a little more often than the picture alone.
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
    views: THUMBNAIL_VIEWS,
    // Chosen in the lab by what networks learned. No mask, since no part of such a small picture is smooth.
    ascent: { steps: 40, stepScale: 8, mask: noMask, luminanceOnly: false },
    batchSize: 16,
    dispose() {
      for (const network of [...members, labeller]) network.dispose();
    },
  };
}

/** Views [B, S, S, 3], shifted; mirrored beyond the borders. */
function shift(views: tf.Tensor4D, [down, right]: (typeof SHIFTS)[number]): tf.Tensor4D {
  const pad = (by: number): [number, number] => [Math.max(0, by), Math.max(0, -by)];
  const wide = tf.mirrorPad(views, [[0, 0], pad(down), pad(right), [0, 0]], "reflect");
  return tf.slice(wide, [0, Math.max(0, -down), Math.max(0, -right), 0], views.shape);
}
