import { forTerminal } from "../../../text/escape-control-characters.js";
import { indented, memberText } from "../../../text/json-text.js";
import { isTerminal, writeAll } from "../../terminal/terminal.js";

/**
 * Prints the result in an answer's line as `call --json` does: the JSON that the server sent, whose numbers may have more
 * digits than JavaScript's. A bundle of its own, since a warm call without --json does not need it.
 */
export function printResultOf(line: string): void {
  const json = memberText(line, "result") ?? "null";
  writeAll(1, `${isTerminal(1) ? forTerminal(indented(json)) : json}\n`);
}
