import { lockHolderText } from "../../state/platform/lock-holder.js";
import { LifecycleError } from "../lifecycle-errors.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";

/** Another process kept `restart.lock` for too long. */
export function lockNotFreed({ paths }: DaemonSpec, error: Error): LifecycleError {
  const holder = lockHolderText(paths.restartLock) ?? "an unknown process";
  return new LifecycleError(`${error.message}, which is held by ${holder}; end that process and try again`, {
    cause: error,
  });
}

/** A client that may not start a daemon saw none come up. */
export function noDaemonCame(error: Error): LifecycleError {
  return new LifecycleError(error.message, { cause: error });
}
