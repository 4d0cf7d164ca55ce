/** A switch: on is an eclipse, the dark disc before a golden track. Words beside it must say the state, too. */
import "./switch.css";

export interface SwitchProps {
  readonly checked: boolean;
  /** Name for people who do not see the screen. */
  readonly label: string;
  readonly disabled?: boolean;
  /** Id of the text that tells more. */
  readonly describedBy?: string;
  readonly onChange: (checked: boolean) => void;
}

export function Switch({ checked, label, disabled = false, describedBy, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={checked}
      aria-label={label}
      aria-describedby={describedBy}
      disabled={disabled}
      onClick={() => onChange(!checked)}
    >
      <span class="switch-disc" />
    </button>
  );
}
