import { parseTree, printParseErrorCode, type Node, type ParseError } from "jsonc-parser";

import { SERVERS_KEYS } from "./entry/keys.js";
import { memberOf, membersOf } from "./members.js";
import { maskedLineAt, positionAt, type Problem } from "./problem.js";

/** Keys beside the servers that need no warning: editors' input prompts and schema. */
const KNOWN_BESIDE = new Set<string>([...SERVERS_KEYS, "inputs", "$schema"]);

/**
 * The entries in the text of a `servers.json` (comments and trailing commas allowed), by name. A server under both keys
 * is taken from `mcpServers`. What is wrong with the file as a whole is appended to `problems`.
 */
export function findEntries(text: string, problems: Problem[]): Map<string, Node> {
  const root = parseRoot(text, problems);
  if (root === undefined) return new Map();
  const wrong = (node: Node, message: string, severity: Problem["severity"] = "error"): void => {
    problems.push({ severity, ...positionAt(text, node.offset), message });
  };
  if (root.type !== "object") {
    wrong(root, 'must be an object with the key "mcpServers"');
    return new Map();
  }
  if (serversKeyOf(root) === undefined) {
    wrong(root, describeMissingKey(root));
    return new Map();
  }
  for (const [key, , keyNode] of membersOf(root)) {
    if (!KNOWN_BESIDE.has(key)) wrong(keyNode, `"${key}" is not a known key, so it has no effect`, "warning");
  }
  const entries = new Map<string, Node>();
  for (const key of SERVERS_KEYS.toReversed()) {
    const servers = memberOf(root, key);
    if (servers === undefined || servers.type === "null") continue;
    if (servers.type !== "object") {
      wrong(servers, `"${key}" must be an object that maps names to servers`);
      return new Map();
    }
    const above = new Set(entries.keys());
    for (const [name, node, keyNode] of membersOf(servers)) {
      const which = above.delete(name) ? `the one in "${key}"` : entries.has(name) ? "the last one" : undefined;
      if (which !== undefined) wrong(keyNode, `"${name}" appears twice; ${which} counts`, "warning");
      entries.set(name, node);
    }
  }
  return entries;
}

/** The key under which the file keeps its servers; undefined if it has neither. */
export function serversKeyOf(root: Node): (typeof SERVERS_KEYS)[number] | undefined {
  return SERVERS_KEYS.find((key) => memberOf(root, key) !== undefined);
}

function parseRoot(text: string, problems: Problem[]): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first === undefined && root !== undefined) return root;
  const offset = first?.offset ?? 0;
  const code = first === undefined ? "the file is empty" : describeCode(printParseErrorCode(first.error));
  const line = maskedLineAt(text, offset).trim();
  const message = `not valid JSON (${code})${line === "" ? "" : `: ${line}`}`;
  problems.push({ severity: "error", ...positionAt(text, offset), message });
  return undefined;
}

function describeMissingKey(root: Node): string {
  const looksLikeEntries = membersOf(root).some(
    ([, node]) => node.type === "object" && (memberOf(node, "command") ?? memberOf(node, "url")) !== undefined,
  );
  const form = '{"mcpServers": {"NAME": {"command": …}}}';
  return looksLikeEntries
    ? `the servers must be one level deeper, under the key "mcpServers": ${form}`
    : `the key "mcpServers" is missing: ${form}`;
}

/** `CommaExpected` → `comma expected`. */
function describeCode(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
