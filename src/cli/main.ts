#!/usr/bin/env node
import { isTerminal, writeAll, writeErr } from "./terminal/terminal.js";
import { forTerminal } from "../text/escape-control-characters.js";
import { readPlainCall } from "./call/plain-call.js";
import { makeWarmCall } from "./call/warm-call.js";

/**
 * The program's entry, and all that a call on a warm daemon loads. Node compiles every byte of a file that it loads,
 * so everything else is in other bundles: in one bundle a warm call took a third longer.
 */
process.on("uncaughtException", (error) => void failed(error));
main(process.argv.slice(2)).then((code) => process.exit(code), failed);

async function main(argv: string[]): Promise<number> {
  // The warm path does not trace.
  const call = process.env["LOCKSTEP_TRACE"] ? undefined : readPlainCall(argv);
  if (!call) return (await theRest()).runCommandLine(argv);
  // Before the call is made: its result could not be printed if an upgrade removed this file meanwhile.
  const { printResultOf } = call.json ? await import("./call/answer/print-json.js") : {};
  const outcome = await makeWarmCall(call);
  switch (outcome.state) {
    case "answered":
      if (printResultOf) printResultOf(outcome.line);
      else writeAll(1, isTerminal(1) ? forTerminal(outcome.text) : outcome.text);
      return 0;
    case "not-warm":
      return (await theRest()).runCommandLine(argv);
    default:
      return (await theRest("the call was handed over, and its outcome is unknown")).finishCall(call, outcome);
  }
}

/** Loads the second bundle, which an upgrade or a removal may have deleted meanwhile. `soFar` says what was done by then. */
async function theRest(soFar = "nothing was done"): Promise<typeof import("./commands.js")> {
  try {
    return await import("./commands.js");
  } catch (cause) {
    const file = `${__dirname}/commands.js`;
    const why = (cause as Error).message.split("\n", 1)[0] ?? "";
    throw new Error(
      `cannot load ${file} (${why}): Lockstep is being upgraded or was removed; ${soFar}. Run the command again, or reinstall Lockstep`,
      { cause },
    );
  }
}

/** The second bundle has the words for an error and its exit code. Without it the message is printed as it is. */
async function failed(error: unknown): Promise<never> {
  const { message } = error as Error;
  const rest = await theRest().catch(() => undefined);
  rest?.reportError(error, process.argv);
  writeErr(forTerminal(`lockstep: ${message}\n`));
  if (process.argv.includes("--json"))
    writeAll(1, `${JSON.stringify({ error: { message, exitCode: 1, code: null } })}\n`);
  process.exit(1);
}
