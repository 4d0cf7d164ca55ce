/** Calls of the page whose result would be an original, and which are answered from here. */
import type { Failure } from "../../bridge/page-channel.ts";
import type { Gate } from "../gate.ts";

/**
 * Makes the answer to such calls, each of which comes over a port of its own. The page receives the error
 * that it would have received.
 *
 * @returns whether a call is answered here
 */
export function answerBy<Question, Answer>(
  gate: Gate,
  read: (question: Question, answer: (answer: Answer | Failure) => void) => Promise<void>,
): (port: MessagePort) => boolean {
  return (port) => {
    if (gate.state === "off") return false;
    port.onmessage = ({ data }) =>
      read(data, (answer) => port.postMessage(answer)).catch(({ name, message }) =>
        port.postMessage({ name, message }),
      );
    return true;
  };
}
