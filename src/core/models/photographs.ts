/** The surrogate for people's photographs: an ensemble of EfficientNet-Lite0 and MobileNetV2. */
import { efficientNetLite0 } from "./efficientnet-lite0.ts";
import type { SurrogateEntry } from "./surrogate-entry.ts";

export const photographs: SurrogateEntry = {
  ...efficientNetLite0,
  id: "photographs",
  name: "Two networks",
  description:
    "EfficientNet-Lite0 and MobileNetV2, in turn, so that a change cannot rest on what only one of them sees.",
  load: async (readAsset) => {
    const { createPhotographEnsemble } = await import("./photograph-ensemble.ts");
    const [lite0, mobileNetV2] = await Promise.all([
      efficientNetLite0.load(readAsset),
      readAsset("models/mobilenet-v2.safetensors"),
    ]);
    return createPhotographEnsemble(lite0, mobileNetV2);
  },
};
