import { LONGEST_DRAIN_MS } from "../../wire/control.js";
import { asObject } from "../../wire/message.js";

/**
 * How long a daemon that announced its end may still be there, ms: until its deadline, and then as long as its servers
 * may take to end. `params` are those of the notification, which another tool's daemon may fill as it likes.
 */
export function msUntilGone(params: unknown): number {
  const { deadlineMs } = asObject(params);
  const left = typeof deadlineMs === "number" ? deadlineMs - Date.now() : 0;
  // Two clocks can differ by any amount, and so a deadline can lie anywhere.
  return Math.min(Math.max(left, 0), LONGEST_DRAIN_MS) + AFTER_DRAIN_MS;
}

const AFTER_DRAIN_MS = 4_000;
