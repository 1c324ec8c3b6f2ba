import { RefusedError, UnresponsiveError } from "../client/lifecycle-errors.js";

/** The exit codes of every command. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unresponsive: 4,
  toolError: 5,
  interrupted: 130,
} as const;

/** The command line is wrong, or names something that does not exist; the message says how to correct it. */
export class UsageError extends Error {}

/** The hosted server answered the call with an error of its own. */
export class ToolError extends Error {}

/** The user pressed ctrl-c. */
export class InterruptedError extends Error {}

/** The reader of stdout is gone, as after `| head`. This is not a failure, and nothing is printed. */
export class OutputClosedError extends Error {
  override readonly name = OUTPUT_CLOSED;
}

/** True for such an error, also for one of another bundle, which has a class of its own. */
export function isOutputClosed(error: unknown): boolean {
  return error instanceof Error && error.name === OUTPUT_CLOSED;
}

const OUTPUT_CLOSED = "OutputClosedError";

/** The exit code for an error. This is the only place that decides it. */
export function exitCodeOf(error: unknown): number {
  if (isOutputClosed(error)) return EXIT.done;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof RefusedError) return EXIT.refused;
  if (error instanceof UnresponsiveError) return EXIT.unresponsive;
  if (error instanceof ToolError) return EXIT.toolError;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  return EXIT.failed;
}
