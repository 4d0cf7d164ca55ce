/** A part that is folded away until a person opens it. */
import type { ComponentChildren } from "preact";
import "./disclosure.css";

export interface DisclosureProps {
  readonly title: string;
  /** Within a card: a quiet line in place of a bold one. */
  readonly quiet?: boolean;
  readonly children: ComponentChildren;
}

export function Disclosure({ title, quiet = false, children }: DisclosureProps) {
  return (
    <details class={quiet ? "disclosure disclosure-quiet" : "disclosure"}>
      <summary>{title}</summary>
      <div class="disclosure-body">{children}</div>
    </details>
  );
}
