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
  /** Instead of the label, which then is what screen readers say. */
  children?: ComponentChildren;
}

/** A button that stays busy until its command was carried out, and tells what went wrong. */
export function CommandButton({ button, run, class: kind = "", children }: CommandButtonProps) {
  const { busy, error, start } = useCommand(run);
  return (
    <>
      <button
        type="button"
        class={kind}
        // Not `disabled`: that would throw the focus away in the middle of what it does.
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

/** Runs one command at a time; its error stays for a while. */
export function useCommand(run: Run): { busy: boolean; error: string | undefined; start: (command: Command) => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const there = useRef(true);
  useEffect(() => () => void (there.current = false), []);
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
        if (!there.current) return;
        setBusy(false);
        setError(failed);
      })
      .catch(() => undefined);
  };
  return { busy, error, start };
}

const ERROR_SHOWN_MS = 12_000;
