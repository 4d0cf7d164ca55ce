/** From one figure to another: an arrow for the eye, a word for the ear. */
import { beforeAfter } from "../../bridge/strings/components.ts";

export function Arrow() {
  return (
    <>
      <span class="arrow" aria-hidden="true">
        →
      </span>
      <span class="unseen">{beforeAfter.to}</span>
    </>
  );
}
