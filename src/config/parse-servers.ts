import { parseTree, printParseErrorCode, type Node, type ParseError } from "jsonc-parser";

import { EntryReader } from "./entry-reader.js";
import type { Environment } from "./expand.js";
import { memberOf, membersOf } from "./members.js";
import { maskedLineAt, positionAt, type Problem } from "./problem.js";
import { readEntry, type Builtins } from "./read-entry.js";
import { problemWithName, type ServerConfig } from "./server-config.js";

export interface ParsedServers {
  servers: Map<string, ServerConfig>;
  /** Names of entries with `"disabled": true`. */
  disabled: string[];
  problems: Problem[];
}

/**
 * Parses the text of `servers.json` (comments and trailing commas allowed). A wrong entry becomes a problem and does not
 * affect the others; a syntax error is one problem and leaves no servers. Unknown keys of an entry are ignored, since
 * MCP hosts have keys of their own.
 */
export function parseServers(text: string, env: Environment, builtins: Builtins): ParsedServers {
  const result: ParsedServers = { servers: new Map(), disabled: [], problems: [] };
  const entries = findEntries(text, result.problems);
  for (const [name, node] of entries) {
    const reader = new EntryReader(text, name, env, result.problems);
    const nameProblem = problemWithName(name);
    if (nameProblem !== undefined) reader.error(node, undefined, nameProblem);
    else if (node.type !== "object") reader.error(node, undefined, 'must be an object such as {"command": …}');
    else if (reader.flag(node, "disabled")) result.disabled.push(name);
    else {
      const config = readEntry(node, reader, builtins);
      if (config !== undefined && !reader.failed) result.servers.set(name, config);
    }
  }
  return result;
}

function findEntries(text: string, problems: Problem[]): Map<string, Node> {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const wrong = (offset: number, message: string, severity: Problem["severity"] = "error"): void => {
    problems.push({ severity, ...positionAt(text, offset), message });
  };
  const first = errors[0];
  if (first !== undefined || root === undefined) {
    const offset = first?.offset ?? 0;
    const code = first === undefined ? "the file is empty" : describeCode(printParseErrorCode(first.error));
    const line = maskedLineAt(text, offset).trim();
    wrong(offset, `not valid JSON (${code})${line === "" ? "" : `: ${line}`}`);
    return new Map();
  }
  if (root.type !== "object") {
    wrong(root.offset, 'must be an object with the key "mcpServers"');
    return new Map();
  }
  const servers = memberOf(root, "mcpServers");
  if (servers === undefined) {
    wrong(root.offset, 'the key "mcpServers" is missing: {"mcpServers": {"NAME": {"command": …}}}');
    return new Map();
  }
  if (servers.type !== "object") {
    wrong(servers.offset, '"mcpServers" must be an object that maps names to servers');
    return new Map();
  }
  const entries = new Map<string, Node>();
  for (const [name, node, keyNode] of membersOf(servers)) {
    if (entries.has(name)) wrong(keyNode.offset, `"${name}" appears twice; the last one counts`, "warning");
    entries.set(name, node);
  }
  return entries;
}

/** `CommaExpected` → `comma expected`. */
function describeCode(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
