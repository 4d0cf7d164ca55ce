/** What few people change: how the change is found, for which network, and shrinking first. Folded away. */
import type { Settings } from "../../bridge/settings.ts";
import { type OfferedObjective, popup } from "../../bridge/strings/popup.ts";
import { CheckboxField } from "../components/checkbox-field.tsx";
import { Disclosure } from "../components/disclosure.tsx";
import { RadioGroup } from "../components/radio-group.tsx";
import { SelectField } from "../components/select-field.tsx";
import type { PopupActions, SurrogateChoice } from "./model.ts";

const text = popup.advanced;

const OBJECTIVES = (Object.keys(text.objectives) as OfferedObjective[]).map((value) => ({
  value,
  ...text.objectives[value],
}));

export interface AdvancedProps {
  readonly settings: Settings;
  readonly surrogates: readonly SurrogateChoice[];
  readonly protectedFiles: number;
  readonly actions: Pick<PopupActions, "change" | "forgetFiles">;
}

export function Advanced({ settings, surrogates, protectedFiles, actions }: AdvancedProps) {
  const { change, forgetFiles } = actions;
  const chosen = surrogates.find(({ id }) => id === settings.surrogate) ?? surrogates[0];
  return (
    <Disclosure title={text.heading}>
      <RadioGroup
        legend={text.objective}
        name="objective"
        value={settings.objective}
        options={OBJECTIVES}
        onChange={(objective) => change({ objective })}
      />
      {chosen && (
        <SelectField
          label={text.surrogate}
          name="surrogate"
          hint={`${text.surrogateHint} ${chosen.description}`}
          value={chosen.id}
          options={surrogates}
          onChange={(surrogate) => change({ surrogate })}
        />
      )}
      <CheckboxField
        label={text.shrinkFirst}
        name="shrink-first"
        hint={text.shrinkFirstHint}
        checked={settings.shrinkFirst}
        onChange={(shrinkFirst) => change({ shrinkFirst })}
      />
      {protectedFiles > 0 && (
        <div class="group protected-files">
          <p class="note">
            {text.files(protectedFiles)} {text.filesHint}
          </p>
          <button type="button" class="button" aria-label={text.forgetLabel} onClick={forgetFiles}>
            {text.forget}
          </button>
        </div>
      )}
    </Disclosure>
  );
}
