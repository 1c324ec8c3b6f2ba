/** Of this length is one tick of awake time, ms. */
const TICK_MS = 100;

export interface AwakeTimer {
  /** Starts the whole time anew. */
  restart(): void;
  stop(): void;
}

/**
 * Calls back after `ms` of time in which this process was awake and running, measured by its own timer's ticks: a
 * laptop's sleep, or SIGSTOP, adds one tick at most and so uses no deadline up.
 */
export function afterAwake(ms: number, callback: () => void): AwakeTimer {
  const tick = Math.min(TICK_MS, ms);
  let left = ms;
  const timer = setInterval(() => {
    left -= tick;
    if (left > 0) return;
    clearInterval(timer);
    callback();
  }, tick);
  return {
    restart: () => {
      left = ms;
    },
    stop: () => clearInterval(timer),
  };
}
