/** Two figures, before and after, and a bar whose fill goes from the first to the second. */
import { Arrow } from "./arrow.tsx";
import "./before-after.css";

export interface BeforeAfterProps {
  readonly name: string;
  /** Shares of the whole, 0..1. */
  readonly before: number;
  readonly after: number;
  readonly format: (share: number) => string;
}

export function BeforeAfter({ name, before, after, format }: BeforeAfterProps) {
  return (
    <div class="change-row">
      <p class="change-name">{name}</p>
      <p class="change">
        <span class="change-before">{format(before)}</span> <Arrow />{" "}
        <span class="change-after">{format(after)}</span>
      </p>
      <span
        class="scale"
        style={{ "--before": `${100 * before}%`, "--after": `${100 * after}%` }}
        aria-hidden="true"
      >
        <span class="scale-before" />
        <span class="scale-after" />
      </span>
    </div>
  );
}
