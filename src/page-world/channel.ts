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

/** What the isolated world says: a transfer, and a text about it. */
export type Told = (transfer: DataTransfer, text: string) => void;

/**
 * Asks for the node that both worlds share, whichever of them starts first.
 *
 * @param onPaths receives files and their paths
 * @param onEffects receives a transfer and its effects
 */
export function openChannel(natives: Natives, onPaths: Told, onEffects: Told): Channel {
  let node: EventTarget | undefined;
  const listen = (target: EventTarget, type: string, told: Told) =>
    natives.addEventListener(target, type, (event) =>
      told(natives.inputTransfer(event), natives.inputData(event)),
    );

  natives.addEventListener(
    window,
    OFFER,
    (event) => {
      node = natives.relatedTarget(event);
      listen(node, PATHS, onPaths);
      listen(node, EFFECTS, onEffects);
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
