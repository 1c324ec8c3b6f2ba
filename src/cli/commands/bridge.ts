import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";

import { runBridge } from "../../bridge/bridge.js";
import { escapeToOneLine } from "../../text/escape-control-characters.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { writeErr } from "../terminal/terminal.js";

/** A bundle of its own, loaded whole: it works on for days while its installation is replaced, or removed. */
export async function run(invocation: Invocation<"bridge">): Promise<number> {
  const [server] = invocation.positionals;
  await runBridge(specOf(invocation), {
    ...(server !== undefined && { server }),
    input: process.stdin,
    output: output(),
    report: (line) => writeErr(`${new Date().toISOString()} ${escapeToOneLine(line)}\n`),
  });
  return EXIT.done;
}

/** Node writes to a pipe on stdout synchronously, so that a host that does not read would stop everything else, too. */
function output(): Writable {
  const stats = fstatSync(1);
  return stats.isFIFO() || stats.isSocket() ? new Socket({ fd: 1, readable: false, writable: true }) : process.stdout;
}
