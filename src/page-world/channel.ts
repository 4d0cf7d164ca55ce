/** The page world's end of the channel to the isolated world; see src/bridge/page-channel.ts. */
import { ASK, EFFECTS, OFFER, PATHS } from "../bridge/page-channel.ts";
import type { Natives } from "./natives.ts";

export interface Channel {
  /**
   * Reports a node or a port to the isolated world.
   *
   * @returns whether the native is to run: `false` if the isolated world takes over
   */
  report(type: string, subject: object): boolean;
}

/**
 * Asks for the node that both worlds share, whichever of them starts first.
 *
 * @param onPaths receives files with their paths
 * @param onEffects receives a transfer and the code of its effects
 */
export function openChannel(
  natives: Natives,
  onPaths: (transfer: DataTransfer) => void,
  onEffects: (transfer: DataTransfer, code: number) => void,
): Channel {
  let node: EventTarget | undefined;

  natives.addEventListener(
    window,
    OFFER,
    (event) => {
      node = natives.relatedTarget(event);
      natives.addEventListener(node, PATHS, (event) => onPaths(natives.dataTransfer(event)));
      natives.addEventListener(node, EFFECTS, (event) =>
        onEffects(natives.dataTransfer(event), natives.detail(event)),
      );
      natives.preventDefault(event);
    },
    { once: true },
  );
  window.dispatchEvent(new Event(ASK));

  return {
    report(type, subject) {
      const init = { __proto__: null, cancelable: true, relatedTarget: subject } as MouseEventInit;
      return !node || natives.dispatchEvent(node, new natives.MouseEvent(type, init));
    },
  };
}
