import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Command } from "../electron/ipc/command.js";
import type { Result } from "../electron/ipc/result.js";
import type { Button } from "../electron/view/window-view.js";

export type Run = (command: Command) => Promise<Result<void>>;

interface CommandButtonProps {
  button: Button;
  run: Run;
  class?: string;
  /** Shown instead of the label, which screen readers still announce. */
  children?: ComponentChildren;
}

/** A button that is busy until its command has finished, and then shows the error if there was one. */
export function CommandButton({ button, run, class: kind = "", children }: CommandButtonProps) {
  const { busy, error, start } = useCommand(run);
  return (
    <>
      <button
        type="button"
        class={kind}
        // Not `disabled`, which would lose the focus while the command runs.
        aria-disabled={!button.enabled || busy}
        aria-busy={busy}
        aria-label={children === undefined ? undefined : button.label}
        title={children === undefined ? undefined : button.label}
        onClick={() => button.enabled && start(button.command)}
      >
        {children ?? button.label}
      </button>
      {error !== undefined && (
        <span class="button-error" role="alert">
          {error}
        </span>
      )}
    </>
  );
}

/** Runs one command at a time; an error is shown for 12 s. */
export function useCommand(run: Run): { busy: boolean; error: string | undefined; start: (command: Command) => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const mounted = useRef(true);
  useEffect(() => () => void (mounted.current = false), []);
  useEffect(() => {
    if (error === undefined) return undefined;
    const timer = setTimeout(() => setError(undefined), ERROR_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [error]);
  const start = (command: Command): void => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    run(command)
      .then((result) => (result.ok ? undefined : result.error))
      .catch((cause: unknown) => String(cause))
      .then((failed) => {
        if (!mounted.current) return;
        setBusy(false);
        setError(failed);
      })
      .catch(() => undefined);
  };
  return { busy, error, start };
}

const ERROR_SHOWN_MS = 12_000;
