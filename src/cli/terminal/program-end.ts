import { exitCodeOf, OutputClosedError } from "../exit-code.js";
import { writeErr } from "./terminal.js";

/** Ends the program with an error: one line that says what to do; the stack only for those who trace. */
export function fail(error: unknown): never {
  if (!(error instanceof OutputClosedError)) {
    const stack = error instanceof Error && process.env["LOCKSTEP_TRACE"] ? error.stack : undefined;
    const message = error instanceof Error ? error.message : String(error);
    writeErr(`${stack ?? `lockstep: ${message}`}\n`);
  }
  process.exit(exitCodeOf(error));
}
