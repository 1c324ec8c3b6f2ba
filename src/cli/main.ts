#!/usr/bin/env node
import { runCli } from "./run-cli.js";

/**
 * The program's first file, and for a plain `call` its only one. Node compiles every byte of a file that it loads, so
 * the other commands stand in a second one: with them in here a warm call took a third longer.
 */
const [command, ...words] = process.argv.slice(2);
if (command === "call" && !words.includes("--help") && !words.includes("-h")) {
  runCli([command, ...words], { call: () => import("./commands/call.js") });
} else {
  void import("./commands.js");
}
