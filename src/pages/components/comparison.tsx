/**
 * Two versions of a picture, one over the other with a line to drag between them, and their difference.
 * `--at` on the frame is where the line stands.
 */
import { useState } from "preact/hooks";
import { DIFFERENCE_GAIN } from "../../bridge/difference.ts";
import { comparison as text } from "../../bridge/strings/components.ts";
import "./comparison.css";

export interface ComparisonProps {
  /** URLs of pictures of one and the same shape. */
  readonly before: string;
  readonly after: string;
  readonly difference: string;
  /** Shape of the pictures, for the place they take before they are decoded. */
  readonly width: number;
  readonly height: number;
}

export function Comparison({ before, after, difference, width, height }: ComparisonProps) {
  const [view, setView] = useState<"compare" | "difference">("compare");
  const [at, setAt] = useState(50);
  const shape = { "--width": String(width), "--height": String(height) };
  return (
    <div class="comparison">
      {view === "compare" ? (
        <div class="frame" style={{ ...shape, "--at": `${at}%` }}>
          <img src={before} alt={text.beforeAlt} draggable={false} />
          <img class="frame-after" src={after} alt={text.afterAlt} draggable={false} />
          <input
            type="range"
            min={0}
            max={100}
            value={at}
            aria-label={text.slider}
            aria-valuetext={text.sliderValue(at)}
            onInput={(event) => setAt(event.currentTarget.valueAsNumber)}
          />
          <span class="frame-line" aria-hidden="true" />
          <span class="frame-tag frame-tag-before" aria-hidden="true">
            {text.before}
          </span>
          <span class="frame-tag frame-tag-after" aria-hidden="true">
            {text.after}
          </span>
        </div>
      ) : (
        <div class="frame" style={shape}>
          <img src={difference} alt={text.differenceAlt} draggable={false} />
          <span class="frame-tag frame-tag-before">{text.differenceCaption(DIFFERENCE_GAIN)}</span>
        </div>
      )}
      <fieldset class="segments">
        <legend class="unseen">{text.view}</legend>
        {(["compare", "difference"] as const).map((id) => (
          <label key={id} class="segment">
            <input
              type="radio"
              name="view"
              class="unseen"
              checked={id === view}
              onChange={() => setView(id)}
            />
            {text[id]}
          </label>
        ))}
      </fieldset>
    </div>
  );
}
