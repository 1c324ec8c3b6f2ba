export const HEARTBEAT_MS = 2_000;
/** An event loop that was blocked for longer than this, ms, is reported in a breadcrumb. */
const STANDSTILL_MS = 5_000;

export interface Beat {
  seq: number;
  /** Epoch milliseconds. */
  at: number;
  /** How late the timer fired, ms. */
  lagMs: number;
}

export interface HeartbeatTimer {
  readonly last: Beat;
  stop(): void;
}

/** Beats every two seconds as long as the event loop runs. `onStandstill` receives how long it was blocked, ms. */
export function startHeartbeat(onBeat: (beat: Beat) => void, onStandstill: (ms: number) => void): HeartbeatTimer {
  let last: Beat = { seq: 0, at: Date.now(), lagMs: 0 };
  let due = performance.now() + HEARTBEAT_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    const lagMs = Math.max(0, Math.round(now - due));
    due = now + HEARTBEAT_MS;
    last = { seq: last.seq + 1, at: Date.now(), lagMs };
    if (lagMs > STANDSTILL_MS) onStandstill(lagMs);
    onBeat(last);
  }, HEARTBEAT_MS);
  return {
    get last() {
      return last;
    },
    stop: () => clearInterval(timer),
  };
}
