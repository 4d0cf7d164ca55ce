/** A choice of one among many, folded into a list, with a line that explains the one chosen. */
import "./fields.css";

export interface SelectFieldProps {
  readonly label: string;
  /** Name of the field, unique on the page. */
  readonly name: string;
  readonly hint: string;
  readonly value: string;
  readonly options: readonly { readonly id: string; readonly name: string }[];
  readonly onChange: (value: string) => void;
}

export function SelectField({ label, name, hint, value, options, onChange }: SelectFieldProps) {
  return (
    <div class="group">
      <label class="heading" for={name}>
        {label}
      </label>
      <select
        id={name}
        class="select"
        value={value}
        aria-describedby={`${name}-hint`}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.id} value={option.id} selected={option.id === value}>
            {option.name}
          </option>
        ))}
      </select>
      <p id={`${name}-hint`} class="note">
        {hint}
      </p>
    </div>
  );
}
