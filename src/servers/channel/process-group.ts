import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 25;

/** Sends a signal to every process of a group. False when no process is left, or none may be signalled. */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends the rest of a group whose leader has exited: SIGTERM, after `graceMs` SIGKILL. The group is checked every 25 ms:
 * the kernel does not reuse its number while a member lives, but may do so as soon as the last one has exited.
 */
export async function reapGroup(pgid: number, graceMs: number): Promise<void> {
  if (!signalGroup(pgid, "SIGTERM")) return;
  for (let waited = 0; waited < graceMs; waited += POLL_MS) {
    await delay(POLL_MS);
    if (!signalGroup(pgid, 0)) return;
  }
  signalGroup(pgid, "SIGKILL");
}
