import { useState } from "preact/hooks";
import type { Result } from "../../electron/ipc/result.js";

/** Makes a change, and keeps the error of the last one that failed. */
export function useChange<T>(change: (value: T) => Promise<Result<void>>): {
  error: string | undefined;
  make: (value: T) => Promise<void>;
} {
  const [error, setError] = useState<string>();
  const make = async (value: T): Promise<void> => {
    const result = await change(value).catch((cause: unknown) => ({ ok: false, error: String(cause) }) as const);
    setError(result.ok ? undefined : result.error);
  };
  return { error, make };
}
