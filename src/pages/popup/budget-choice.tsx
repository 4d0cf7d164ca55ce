/** How much a picture may change: three choices, each with what it means for looks and strength. */

import { popup } from "../../bridge/strings/popup.ts";
import { BUDGETS, type BudgetId } from "../../core/contract/protection-request.ts";
import { Eclipse } from "../components/eclipse.tsx";

const text = popup.budget;

const LIGHT: Readonly<Record<BudgetId, number>> = { subtle: 0.2, balanced: 0.8, strong: 1.7 };

export interface BudgetChoiceProps {
  readonly value: BudgetId;
  readonly onChange: (budget: BudgetId) => void;
}

export function BudgetChoice({ value, onChange }: BudgetChoiceProps) {
  return (
    <fieldset class="group">
      <legend class="heading">{text.heading}</legend>
      <div class="budgets">
        {(Object.keys(BUDGETS) as BudgetId[]).map((id) => {
          const choice = text.choices[id];
          return (
            <label key={id} class="budget">
              <input
                type="radio"
                name="budget"
                class="unseen"
                value={id}
                checked={id === value}
                aria-label={`${choice.name}: ${choice.short}`}
                aria-describedby={`budget-${id}`}
                onChange={() => onChange(id)}
              />
              <Eclipse size={20} light={LIGHT[id]} />
              <span class="budget-name">{choice.name}</span>
              <span class="budget-short">{choice.short}</span>
            </label>
          );
        })}
      </div>
      {(Object.keys(BUDGETS) as BudgetId[]).map((id) => (
        <p key={id} id={`budget-${id}`} class="note" hidden={id !== value}>
          {text.limit(BUDGETS[id])} {text.choices[id].text}
        </p>
      ))}
    </fieldset>
  );
}
