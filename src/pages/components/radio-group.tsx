/** A choice of one among a few, each with a line that explains it. */
import "./fields.css";

export interface RadioOption<Value extends string> {
  readonly value: Value;
  readonly name: string;
  /** A word or two beside the name. */
  readonly tag?: string;
  readonly text: string;
}

export interface RadioGroupProps<Value extends string> {
  readonly legend: string;
  /** Name of the field, unique on the page. */
  readonly name: string;
  readonly value: string;
  readonly options: readonly RadioOption<Value>[];
  readonly onChange: (value: Value) => void;
}

export function RadioGroup<Value extends string>(props: RadioGroupProps<Value>) {
  const { legend, name, value: chosen, options, onChange } = props;
  return (
    <fieldset class="group">
      <legend class="heading">{legend}</legend>
      {options.map(({ value, name: title, tag, text }) => (
        <label key={value} class="choice">
          <input
            type="radio"
            name={name}
            value={value}
            checked={value === chosen}
            aria-label={tag ? `${title}, ${tag}` : title}
            aria-describedby={`${name}-${value}`}
            onChange={() => onChange(value)}
          />
          <span>
            <span class="choice-name">{title}</span> {tag && <span class="choice-tag">{tag}</span>}
            <span id={`${name}-${value}`} class="note">
              {text}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
