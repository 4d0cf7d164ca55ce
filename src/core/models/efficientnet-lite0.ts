/** The surrogate for people's photographs: EfficientNet-Lite0. */
import classNames from "../../../assets/models/imagenet-classes.json" with { type: "json" };
import { OBJECTIVES } from "../contract/protection-request.ts";
import type { SurrogateEntry } from "./surrogate-entry.ts";

export const efficientNetLite0: SurrogateEntry = {
  id: "efficientnet-lite0",
  name: "EfficientNet-Lite0",
  description: "A small, quick network that knows 1000 kinds of things (ImageNet).",
  inputSize: 224,
  classNames,
  objectives: OBJECTIVES,
  load: async (readAsset) => {
    const { createEfficientNetLite0 } = await import("./efficientnet-lite0-network.ts");
    const [weights, features] = await Promise.all([
      readAsset("models/efficientnet-lite0.safetensors"),
      readAsset("models/efficientnet-lite0-features.safetensors"),
    ]);
    return createEfficientNetLite0(weights, features);
  },
};
