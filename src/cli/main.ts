#!/usr/bin/env node
import { fail } from "./terminal/program-end.js";
import { isTerminal, printJson, writeAll } from "./terminal/terminal.js";
import { escapeControlCharacters } from "../text/escape-control-characters.js";
import { readPlainCall, type PlainCall } from "./call/plain-call.js";
import { makeWarmCall, type WarmOutcome } from "./call/warm-call.js";

/**
 * The program's first file, and for a call on a warm daemon its only one. Node compiles every byte of a file that it
 * loads, so everything else stands in a second one: with it in here a warm call took a third longer.
 */
process.on("uncaughtException", fail);
main(process.argv.slice(2)).then((code) => process.exit(code), fail);

async function main(argv: string[]): Promise<number> {
  // The short way has no eye for the trace.
  const call = process.env["LOCKSTEP_TRACE"] ? undefined : readPlainCall(argv);
  if (!call) return (await theRest()).runCommandLine(argv);
  const outcome = await makeWarmCall(call);
  switch (outcome.state) {
    case "answered":
      print(call, outcome);
      return 0;
    case "not-warm":
      return (await theRest()).runCommandLine(argv);
    default:
      return (await theRest("the call was handed over, and its outcome is unknown")).finishCall(call, outcome);
  }
}

/** An upgrade or a removal may have taken it away since this file was loaded; `soFar`: what had happened by then. */
async function theRest(soFar = "nothing was done"): Promise<typeof import("./commands.js")> {
  try {
    return await import("./commands.js");
  } catch (cause) {
    const file = `${__dirname}/commands.js`;
    const why = (cause as Error).message.split("\n", 1)[0] ?? "";
    throw new Error(
      `cannot load ${file} (${why}): Lockstep is being upgraded right now, or was removed; ${soFar}. Run it again, or reinstall`,
      { cause },
    );
  }
}

function print({ json }: PlainCall, { result, text }: Extract<WarmOutcome, { state: "answered" }>): void {
  if (json) printJson(result);
  else writeAll(1, isTerminal(1) ? escapeControlCharacters(text) : text);
}
