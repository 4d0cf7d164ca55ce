/** EfficientNet-Lite0 and MobileNetV2 as one surrogate: networks that know the same classes by other features. */
import type { Surrogate } from "../engine/surrogate.ts";
import { PHOTOGRAPH_GRADIENT } from "./efficientnet-lite0-network.ts";
import { createNetworkFromFile } from "./network-from-file.ts";

/**
 * @param lite0 the ensemble's from now on
 * @param mobileNetV2 a file by lab/convert_mobilenet_v2.py
 */
export function createPhotographEnsemble(lite0: Surrogate, mobileNetV2: ArrayBuffer): Surrogate {
  const other = createNetworkFromFile(mobileNetV2, PHOTOGRAPH_GRADIENT);
  return {
    ...lite0,
    id: "photographs",
    members: [...lite0.members, other],
    inTurn: true,
    dispose() {
      lite0.dispose();
      other.dispose();
    },
  };
}
