import type { Result } from "../../electron/ipc/result.js";

interface RadioGroupProps<T extends string> {
  label: string;
  /** Each value with its label, in the order shown. */
  options: Record<T, string>;
  chosen: T;
  change: (value: T) => Promise<Result<void>>;
}

/** One of a few values, as a row of segments. */
export function RadioGroup<T extends string>({ label, options, chosen, change }: RadioGroupProps<T>) {
  return (
    <div class="setting" role="radiogroup" aria-label={label}>
      <span aria-hidden="true">{label}</span>
      <div class="segments">
        {(Object.entries(options) as [T, string][]).map(([value, text]) => (
          <label key={value}>
            <input type="radio" name={label} checked={value === chosen} onChange={() => void change(value)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </div>
  );
}
