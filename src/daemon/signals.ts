/**
 * Listens to SIGTERM and SIGINT, from outside Lockstep. SIGHUP is ignored: when the terminal that happened to start the
 * daemon is closed, the user's other programs still need it.
 */
export function onStopSignal(stop: (signal: "SIGTERM" | "SIGINT") => void): void {
  process.on("SIGHUP", () => undefined);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop(signal));
}
