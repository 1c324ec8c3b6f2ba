import { exitCodeOf, OutputClosedError } from "../exit-code.js";
import { writeErr } from "./terminal.js";

/** Prints the error as one line and exits with its code; prints the stack if LOCKSTEP_TRACE is set. */
export function fail(error: unknown): never {
  if (!(error instanceof OutputClosedError)) {
    const stack = error instanceof Error && process.env["LOCKSTEP_TRACE"] ? error.stack : undefined;
    const message = error instanceof Error ? error.message : String(error);
    writeErr(`${stack ?? `lockstep: ${message}`}\n`);
  }
  process.exit(exitCodeOf(error));
}
