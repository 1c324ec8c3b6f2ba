import type { EntryContext } from "./entry/context.js";
import { EntryReader } from "./entry/reader.js";
import { findEntries } from "./find-entries.js";
import type { Problem } from "./problem.js";
import { readEntry } from "./entry/read-entry.js";
import { problemWithName, type ServerConfig } from "./server-config.js";

export interface ParsedServers {
  servers: Map<string, ServerConfig>;
  /** Names of entries with `"disabled": true` or `"enabled": false`. */
  disabled: string[];
  problems: Problem[];
}

/**
 * Parses the text of `servers.json` (comments and trailing commas allowed). A wrong entry becomes a problem and does not
 * affect the others; a syntax error is one problem and leaves no servers. A key that has no effect is a warning.
 */
export function parseServers(text: string, context: EntryContext): ParsedServers {
  const result: ParsedServers = { servers: new Map(), disabled: [], problems: [] };
  const entries = findEntries(text, result.problems);
  for (const [name, node] of entries) {
    const reader = new EntryReader(text, name, context, result.problems);
    const nameProblem = problemWithName(name);
    if (nameProblem !== undefined) reader.error(node, undefined, nameProblem);
    else if (node.type !== "object") reader.error(node, undefined, 'must be an object such as {"command": …}');
    else if (reader.isDisabled(node)) result.disabled.push(name);
    else {
      const config = readEntry(node, reader, context.builtins);
      if (config === undefined || reader.failed) continue;
      result.servers.set(name, reader.variables.size === 0 ? config : { ...config, variables: [...reader.variables] });
    }
  }
  return result;
}
