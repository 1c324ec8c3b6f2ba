import { forTerminal } from "../../text/escape-control-characters.js";
import { exitCodeOf, isOutputClosed } from "../exit-code.js";
import { writeAll, writeErr } from "./terminal.js";

/**
 * Prints the error on stderr and exits with its code; prints the stack if LOCKSTEP_TRACE is set. `report`: what --json
 * prints of it on stdout.
 */
export function fail(error: unknown, report?: (error: unknown) => object): never {
  if (!isOutputClosed(error)) {
    const stack = error instanceof Error && process.env["LOCKSTEP_TRACE"] ? error.stack : undefined;
    const message = error instanceof Error ? error.message : String(error);
    writeErr(`${forTerminal(stack ?? `lockstep: ${message}`)}\n`);
    if (report) printReport(report(error));
  }
  process.exit(exitCodeOf(error));
}

function printReport(report: object): void {
  try {
    writeAll(1, `${forTerminal(JSON.stringify(report))}\n`);
  } catch {
    // The error may be that stdout cannot be written.
  }
}
