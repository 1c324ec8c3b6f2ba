/** The length of one tick of awake time, ms. */
const TICK_MS = 100;

export interface AwakeTimer {
  /** Starts from zero again. */
  restart(): void;
  stop(): void;
}

/**
 * Calls back after `ms` of awake time: time in which this process was running, counted in ticks of its own timer. A
 * laptop's sleep, or SIGSTOP, adds one tick at most, so that no deadline passes meanwhile.
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
