/** The surrogates there are. A new one is a file beside this one and a line here. */

import classNames from "../../../assets/models/imagenet-classes.json" with { type: "json" };
import { NAME_OBJECTIVES, OBJECTIVES, type ObjectiveId } from "../contract/protection-request.ts";
import type { Surrogate } from "../engine/surrogate.ts";

/** Reads a file of the package; `path` is relative to assets/. */
export type ReadAsset = (path: string) => Promise<ArrayBuffer>;

export interface SurrogateEntry {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Side of the square views it sees, in pixels. */
  readonly inputSize: number;
  /** By class index. */
  readonly classNames: readonly string[];
  /** What it can raise; the first one is what it raises unless told otherwise. */
  readonly objectives: readonly [ObjectiveId, ...ObjectiveId[]];
  /** Knows too little of the world for people's pictures; not in the extension, only for the command line. */
  readonly forMeasuring?: true;
  /** Builds it on the current tfjs backend. */
  load(readAsset: ReadAsset): Promise<Surrogate>;
}

interface Ensemble {
  readonly labeller: string;
  readonly members: readonly string[];
}

/** The lab's ensembles, by the id of the surrogate: each network is a file lab/<id>-<network>.safetensors. */
export const ENSEMBLES = {
  cifar10: {
    labeller: "efficientnet-lite0",
    members: ["resnet14", "plain", "mobilenet", "robust", "vit", "vit-2", "vit-3", "vit-4"],
  },
  "tiny-imagenet-21": {
    labeller: "efficientnet-lite0",
    members: ["resnet14", "plain", "mobilenet", "robust", "vit", "vit-2", "vgg"],
  },
} as const satisfies Readonly<Record<string, Ensemble>>;

export const SURROGATES: readonly SurrogateEntry[] = [
  {
    id: "efficientnet-lite0",
    name: "EfficientNet-Lite0",
    description: "A small, quick network that knows 1000 kinds of things (ImageNet).",
    inputSize: 224,
    classNames,
    objectives: OBJECTIVES,
    // Those who only need the names, such as the popup, load no network.
    load: async (readAsset) => {
      const { createEfficientNetLite0 } = await import("./efficientnet-lite0.ts");
      const [weights, features] = await Promise.all(
        ["efficientnet-lite0", "efficientnet-lite0-features"].map((file) =>
          readAsset(`models/${file}.safetensors`),
        ),
      );
      return createEfficientNetLite0(weights as ArrayBuffer, features as ArrayBuffer);
    },
  },
  thumbnails("cifar10", "CIFAR-10", [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
  ]),
  thumbnails("tiny-imagenet-21", "Tiny-ImageNet-21", [
    "American alligator",
    "slug",
    "Egyptian Mau",
    "grasshopper",
    "ox",
    "gorilla",
    "beer bottle",
    "bucket",
    "cannon",
    "CD player",
    "storage chest",
    "flagpole",
    "fountain",
    "oboe",
    "parking meter",
    "police van",
    "space heater",
    "through arch bridge",
    "pretzel",
    "pomegranate",
    "mountain",
  ]),
];

export function findSurrogate(id: string): SurrogateEntry | undefined {
  return SURROGATES.find((entry) => entry.id === id);
}

/** The lab's networks for a set of small pictures. */
function thumbnails(id: keyof typeof ENSEMBLES, name: string, classNames: readonly string[]): SurrogateEntry {
  return {
    id,
    name,
    description: `Small networks that know ${classNames.length} kinds of things in pictures of 32 pixels. For measurements only.`,
    inputSize: 32,
    classNames,
    objectives: NAME_OBJECTIVES,
    forMeasuring: true,
    load: async (readAsset) => {
      const { createThumbnailEnsemble } = await import("./thumbnail-ensemble.ts");
      const networks = ENSEMBLES[id];
      const [labeller, ...members] = await Promise.all(
        [networks.labeller, ...networks.members].map((network) =>
          readAsset(`lab/${id}-${network}.safetensors`),
        ),
      );
      return createThumbnailEnsemble(id, { labeller: labeller as ArrayBuffer, members });
    },
  };
}
