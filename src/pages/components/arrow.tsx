/** From one figure to another: an arrow for the eye, a word for the ear. */
import { popup } from "../../bridge/strings/popup.ts";

export function Arrow() {
  return (
    <>
      <span class="arrow" aria-hidden="true">
        →
      </span>
      <span class="unseen">{popup.result.to}</span>
    </>
  );
}
