#!/usr/bin/env node
import { fail } from "./terminal/program-end.js";
import { isTerminal, printJson, writeAll } from "./terminal/terminal.js";
import { escapeControlCharacters } from "../text/escape-control-characters.js";
import { readPlainCall, type PlainCall } from "./call/plain-call.js";
import { makeWarmCall, type WarmOutcome } from "./call/warm-call.js";

/**
 * The program's entry, and all that a call on a warm daemon loads. Node compiles every byte of a file that it loads,
 * so everything else is in a second bundle: in one bundle a warm call took a third longer.
 */
process.on("uncaughtException", fail);
main(process.argv.slice(2)).then((code) => process.exit(code), fail);

async function main(argv: string[]): Promise<number> {
  // The warm path does not trace.
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

function print({ json }: PlainCall, { result, text }: Extract<WarmOutcome, { state: "answered" }>): void {
  if (json) printJson(result);
  else writeAll(1, isTerminal(1) ? escapeControlCharacters(text) : text);
}
