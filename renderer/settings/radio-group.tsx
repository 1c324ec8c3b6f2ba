import type { Result } from "../../electron/ipc/result.js";
import { useChange } from "./use-change.js";

interface RadioGroupProps<T extends string> {
  label: string;
  /** Each value with its label, in the order shown. */
  options: Record<T, string>;
  chosen: T;
  change: (value: T) => Promise<Result<void>>;
}

/** One of a few values, as a row of segments. It turns once the main process reports the change, and shows an error. */
export function RadioGroup<T extends string>({ label, options, chosen, change }: RadioGroupProps<T>) {
  const { error, make } = useChange(change);
  return (
    <div class="setting" role="radiogroup" aria-label={label}>
      <span>
        <span aria-hidden="true">{label}</span>
        {error !== undefined && (
          <small class="button-error" role="alert">
            {error}
          </small>
        )}
      </span>
      <div class="segments">
        {(Object.entries(options) as [T, string][]).map(([value, text]) => (
          <label key={value}>
            <input
              type="radio"
              name={label}
              checked={value === chosen}
              onClick={(event) => {
                if (value === chosen) return;
                event.preventDefault();
                void make(value);
              }}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </div>
  );
}
