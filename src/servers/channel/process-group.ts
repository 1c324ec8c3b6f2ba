import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 25;

/** Sends a signal to every process of a group. False when none is left (or none may be signalled). */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends what is left of a group whose leader is gone: SIGTERM, after `graceMs` SIGKILL. The group is looked at all the
 * time, since its number cannot be given to strangers as long as one member lives, and can be afterwards.
 */
export async function reapGroup(pgid: number, graceMs: number): Promise<void> {
  if (!signalGroup(pgid, "SIGTERM")) return;
  for (let waited = 0; waited < graceMs; waited += POLL_MS) {
    await delay(POLL_MS);
    if (!signalGroup(pgid, 0)) return;
  }
  signalGroup(pgid, "SIGKILL");
}
