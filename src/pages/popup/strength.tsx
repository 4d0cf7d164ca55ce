/** How much a picture may change: three choices, each with what it means for looks and protection. */
import { popup } from "../../bridge/strings/popup.ts";
import { BUDGETS, type BudgetId } from "../../core/contract/protection-request.ts";
import { Eclipse } from "../components/eclipse.tsx";
import "../components/fields.css";
import "./strength.css";

const text = popup.strength;

const IDS = Object.keys(BUDGETS) as BudgetId[];

/** How far the light of each choice's eclipse reaches. */
const LIGHT: Readonly<Record<BudgetId, number>> = { subtle: 0.2, balanced: 0.8, strong: 1.7 };

export interface StrengthProps {
  readonly value: BudgetId;
  readonly onChange: (budget: BudgetId) => void;
}

export function Strength({ value, onChange }: StrengthProps) {
  return (
    <fieldset class="group">
      <legend class="heading">{text.heading}</legend>
      <div class="budgets">
        {IDS.map((id) => {
          const { name, short } = text.choices[id];
          return (
            <label key={id} class="budget">
              <input
                type="radio"
                name="budget"
                class="unseen"
                value={id}
                checked={id === value}
                aria-label={`${name}: ${short}`}
                aria-describedby={`budget-${id}`}
                onChange={() => onChange(id)}
              />
              <Eclipse size={20} light={LIGHT[id]} />
              <span class="budget-name">{name}</span>
              <span class="budget-short">{short}</span>
            </label>
          );
        })}
      </div>
      {IDS.map((id) => (
        <p key={id} id={`budget-${id}`} class="note" hidden={id !== value}>
          {text.choices[id].text} {text.limit(BUDGETS[id])}
        </p>
      ))}
    </fieldset>
  );
}
