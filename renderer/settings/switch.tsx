import type { Result } from "../../electron/ipc/result.js";
import { useChange } from "./use-change.js";

interface SwitchProps {
  label: string;
  hint?: string;
  on: boolean;
  change: (on: boolean) => Promise<Result<void>>;
}

/** A switch that turns once the main process reports the change; an error leaves it as it was and is shown. */
export function Switch({ label, hint, on, change }: SwitchProps) {
  const { error, make } = useChange(change);
  return (
    <label class="setting">
      <span>
        {label}
        {hint !== undefined && <small>{hint}</small>}
        {error !== undefined && (
          <small class="button-error" role="alert">
            {error}
          </small>
        )}
      </span>
      <input
        type="checkbox"
        role="switch"
        checked={on}
        onClick={(event) => {
          event.preventDefault();
          void make(!on);
        }}
      />
    </label>
  );
}
