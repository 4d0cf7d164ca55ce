/** EfficientNet-Lite0 as a surrogate of its own. */
import classNames from "../../../assets/models/imagenet-classes.json" with { type: "json" };
import { OBJECTIVES } from "../contract/protection-request.ts";
import type { SurrogateEntry } from "./surrogate-entry.ts";

export const efficientNetLite0: SurrogateEntry = {
  id: "efficientnet-lite0",
  name: "One network",
  description: "EfficientNet-Lite0 alone. It needs half the memory and starts sooner.",
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
