import type { LogWriter } from "../log/writer.js";

/**
 * Decides what an error leads to that no code has caught. A system call that failed (no descriptor left, no memory, a full
 * disk, a terminal that is gone) and a promise whose failure no code waited for have harmed the operation that they belong
 * to, and nothing else: they are logged, and the daemon goes on, since its end would cost every client its calls. Any other
 * exception is a mistake in the program, which may have stopped in the middle of a change: `onFault` ends the daemon, in
 * order. Called once; while the daemon ends, further exceptions are only logged, and the watchdog bounds the end.
 */
export function superviseUncaught(log: LogWriter, onFault: (what: string) => void): void {
  const report = rarely((text) => log.write("error", "daemon", text));
  let isFault = false;
  process.on("uncaughtException", (error: unknown) => {
    const goesOn = isFault || isSystemError(error);
    report(`uncaught exception${goesOn ? "" : ", which ends the daemon"}: ${stackOf(error)}`);
    if (goesOn) return;
    isFault = true;
    onFault(error instanceof Error ? error.message : String(error));
  });
  process.on("unhandledRejection", (error: unknown) => report(`unhandled rejection: ${stackOf(error)}`));
}

/** True for the error of a system call, in the main thread or in a worker. */
export function isSystemError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return typeof syscall === "string" || code === "ERR_WORKER_INIT_FAILED" || code === "ERR_SYSTEM_ERROR";
}

/** Passes a text on unless the same one was passed on in the last minute: a timer may fail every 100 ms. */
function rarely(write: (text: string) => void): (text: string) => void {
  const written = new Map<string, number>();
  return (text) => {
    const now = performance.now();
    for (const [known, at] of written) if (now - at >= REPEAT_MS) written.delete(known);
    if (written.has(text) || written.size >= MAX_TEXTS) return;
    written.set(text, now);
    write(text);
  };
}

const REPEAT_MS = 60_000;
const MAX_TEXTS = 100;

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
