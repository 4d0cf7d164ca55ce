/** What few people change: the objective of the ascent, the surrogate network, and shrinking first. Folded away. */
import type { Settings } from "../../bridge/settings.ts";
import { type OfferedObjective, popup } from "../../bridge/strings/popup.ts";
import type { PopupActions, SurrogateChoice } from "./model.ts";

const text = popup.advanced;

const OFFERED = Object.keys(text.objectives) as OfferedObjective[];

export interface AdvancedProps {
  readonly settings: Settings;
  readonly surrogates: readonly SurrogateChoice[];
  readonly actions: Pick<PopupActions, "setObjective" | "setSurrogate" | "setShrinkFirst">;
}

export function Advanced({ settings, surrogates, actions }: AdvancedProps) {
  const chosen = surrogates.find(({ id }) => id === settings.surrogate) ?? surrogates[0];
  return (
    <details class="disclosure">
      <summary>{text.heading}</summary>
      <div class="disclosure-body">
        <fieldset class="group">
          <legend class="heading">{text.objective}</legend>
          {OFFERED.map((id) => {
            const { name, tag, text: explanation } = text.objectives[id];
            return (
              <label key={id} class="choice">
                <input
                  type="radio"
                  name="objective"
                  value={id}
                  checked={id === settings.objective}
                  aria-label={`${name}, ${tag}`}
                  aria-describedby={`objective-${id}`}
                  onChange={() => actions.setObjective(id)}
                />
                <span>
                  <span class="choice-name">{name}</span> <span class="choice-tag">{tag}</span>
                  <span id={`objective-${id}`} class="note">
                    {explanation}
                  </span>
                </span>
              </label>
            );
          })}
        </fieldset>
        {chosen && (
          <div class="group">
            <label class="heading" for="surrogate">
              {text.surrogate}
            </label>
            <select
              id="surrogate"
              class="select"
              value={chosen.id}
              aria-describedby="surrogate-description"
              onChange={(event) => actions.setSurrogate(event.currentTarget.value)}
            >
              {surrogates.map(({ id, name }) => (
                <option key={id} value={id} selected={id === chosen.id}>
                  {name}
                </option>
              ))}
            </select>
            <p id="surrogate-description" class="note">
              {text.surrogateHint} {chosen.description}
            </p>
          </div>
        )}
        <label class="choice">
          <input
            type="checkbox"
            checked={settings.shrinkFirst}
            aria-label={text.shrinkFirst}
            aria-describedby="shrink-first"
            onChange={(event) => actions.setShrinkFirst(event.currentTarget.checked)}
          />
          <span>
            <span class="choice-name">{text.shrinkFirst}</span>
            <span id="shrink-first" class="note">
              {text.shrinkFirstHint}
            </span>
          </span>
        </label>
      </div>
    </details>
  );
}
