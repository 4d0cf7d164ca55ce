/** A setting that is on or off, with a line that explains it. */
import "./fields.css";

export interface CheckboxFieldProps {
  readonly label: string;
  /** Name of the field, unique on the page. */
  readonly name: string;
  readonly hint: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function CheckboxField({ label, name, hint, checked, onChange }: CheckboxFieldProps) {
  return (
    <label class="choice">
      <input
        type="checkbox"
        name={name}
        checked={checked}
        aria-label={label}
        aria-describedby={`${name}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        <span class="choice-name">{label}</span>
        <span id={`${name}-hint`} class="note">
          {hint}
        </span>
      </span>
    </label>
  );
}
