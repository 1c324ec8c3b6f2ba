#!/usr/bin/env node
import { fail } from "./program-end.js";
import { makeWarmCall, readPlainCall } from "./warm-call.js";

/**
 * The program's first file, and for a call on a warm daemon its only one. Node compiles every byte of a file that it
 * loads, so everything else stands in a second one: with it in here a warm call took a third longer.
 */
process.on("uncaughtException", fail);
main(process.argv.slice(2)).then((code) => process.exit(code), fail);

async function main(argv: string[]): Promise<number> {
  const plain = readPlainCall(argv);
  const made = plain && (await makeWarmCall(plain));
  if (typeof made === "number") return made;
  const { repeatCall, runCommandLine } = await import("./commands.js");
  return made ? repeatCall(made) : runCommandLine(argv);
}
