/** The lab's surrogates for sets of small pictures: ensembles of networks for 32 pixels (docs/lab.md). */
import { CLASS_OBJECTIVES } from "../contract/protection-request.ts";
import type { SurrogateEntry } from "./surrogate-entry.ts";

interface Ensemble {
  readonly labeller: string;
  readonly members: readonly string[];
}

/** By the id of the surrogate; each network is the file lab/<id>-<network>.safetensors. */
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

export const cifar10 = thumbnails("cifar10", "CIFAR-10", [
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
]);

export const tinyImageNet21 = thumbnails("tiny-imagenet-21", "Tiny-ImageNet-21", [
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
]);

function thumbnails(id: keyof typeof ENSEMBLES, name: string, classNames: readonly string[]): SurrogateEntry {
  return {
    id,
    name,
    description: `Small networks that know ${classNames.length} kinds of things in pictures of 32 pixels. For measurements only.`,
    inputSize: 32,
    classNames,
    objectives: CLASS_OBJECTIVES,
    cliOnly: true,
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
