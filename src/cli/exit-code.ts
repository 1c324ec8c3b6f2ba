import { RefusedError, UnresponsiveError } from "../client/lifecycle-errors.js";

/** What the exit codes of every command mean. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unresponsive: 4,
  toolError: 5,
  interrupted: 130,
} as const;

/** The command line, or what it names, is wrong; the message says how it would be right. */
export class UsageError extends Error {}

/** The hosted server answered the call with an error of its own. */
export class ToolError extends Error {}

/** The user pressed ctrl-c. */
export class InterruptedError extends Error {}

/** Nobody reads our stdout any more, as after `| head`: no failure, and nothing to say. */
export class OutputClosedError extends Error {}

/** The one place that says with which code an error ends the process. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof OutputClosedError) return EXIT.done;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof RefusedError) return EXIT.refused;
  if (error instanceof UnresponsiveError) return EXIT.unresponsive;
  if (error instanceof ToolError) return EXIT.toolError;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  return EXIT.failed;
}
