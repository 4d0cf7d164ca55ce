/** The mark: a dark disc before a corona. It also draws how strong a budget is, by the width of its light. */
import "./eclipse.css";

export interface EclipseProps {
  /** Diameter of the disc, in pixels. */
  readonly size: number;
  /** How far the light reaches, in diameters of the disc or so; 0 is a dark sun. */
  readonly light?: number;
}

export function Eclipse({ size, light = 0.6 }: EclipseProps) {
  return (
    <span
      class={light > 0 ? "eclipse" : "eclipse eclipse-dark"}
      style={{ "--eclipse-size": `${size}px`, "--eclipse-light": String(light) }}
      aria-hidden="true"
    />
  );
}
