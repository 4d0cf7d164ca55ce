/** How much a picture may change: three choices, each with what it means for looks and protection. */
import { popup } from "../../bridge/strings/popup.ts";
import { STRENGTHS, type StrengthId } from "../../core/contract/protection-request.ts";
import { Eclipse } from "../components/eclipse.tsx";
import "../components/fields.css";
import "./strength.css";

const text = popup.strength;

const IDS = Object.keys(STRENGTHS) as StrengthId[];

/** How far the light of each choice's eclipse reaches. */
const LIGHT: Readonly<Record<StrengthId, number>> = { invisible: 0.2, balanced: 0.8, strong: 1.7 };

export interface StrengthProps {
  readonly value: StrengthId;
  readonly onChange: (strength: StrengthId) => void;
}

export function Strength({ value, onChange }: StrengthProps) {
  return (
    <fieldset class="group">
      <legend class="heading">{text.heading}</legend>
      <div class="strengths">
        {IDS.map((id) => {
          const { name, short } = text.choices[id];
          return (
            <label key={id} class="strength">
              <input
                type="radio"
                name="strength"
                class="unseen"
                value={id}
                checked={id === value}
                aria-label={`${name}: ${short}`}
                aria-describedby={`strength-${id}`}
                onChange={() => onChange(id)}
              />
              <Eclipse size={20} light={LIGHT[id]} />
              <span class="strength-name">{name}</span>
              <span class="strength-short">{short}</span>
            </label>
          );
        })}
      </div>
      {IDS.map((id) => (
        <p key={id} id={`strength-${id}`} class="note" hidden={id !== value}>
          {text.choices[id].text} {text.limit(STRENGTHS[id].budget)}
        </p>
      ))}
    </fieldset>
  );
}
