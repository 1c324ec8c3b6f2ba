import { getNodeValue, parseTree, printParseErrorCode, type Node, type ParseError } from "jsonc-parser";

import { parseDuration } from "./duration.js";
import { expand, type Environment } from "./expand.js";
import { maskedLineAt, positionAt, type Problem } from "./problem.js";
import { DEFAULT_LIFECYCLE, problemWithName, type Lifecycle, type ServerConfig } from "./server-config.js";

/** What a builtin stands for, by its name: `{"lockstep": {"builtin": "memory"}}`. */
export type Builtins = Readonly<Record<string, { command: string; args: string[]; env: Record<string, string> }>>;

export interface ParsedServers {
  servers: Map<string, ServerConfig>;
  /** Names of entries with `"disabled": true`. */
  disabled: string[];
  problems: Problem[];
}

/**
 * Reads the text of `servers.json` (comments and trailing commas allowed). A bad entry becomes a problem and never
 * stops the others; a syntax error is one problem and leaves no servers. Keys of other MCP hosts are let pass.
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
    wrong(offset, `no valid JSON (${code})${line === "" ? "" : `: ${line}`}`);
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
    if (entries.has(name)) wrong(keyNode.offset, `"${name}" comes twice, the last one counts`, "warning");
    entries.set(name, node);
  }
  return entries;
}

function readEntry(node: Node, reader: EntryReader, builtins: Builtins): ServerConfig | undefined {
  const own = memberOf(node, "lockstep");
  if (own !== undefined && own.type !== "object") {
    reader.error(own, "lockstep", "must be an object");
    return undefined;
  }
  const lifecycle = readLifecycle(own, reader);
  const builtin = own && memberOf(own, "builtin");
  if (builtin !== undefined) {
    const name = reader.text(builtin, "lockstep.builtin");
    const meant = name === undefined ? undefined : Object.hasOwn(builtins, name) ? builtins[name] : undefined;
    if (meant) return { kind: "stdio", ...meant, cwd: undefined, ...lifecycle };
    reader.error(builtin, "lockstep.builtin", `must be one of: ${Object.keys(builtins).join(", ")}`);
    return undefined;
  }
  const command = memberOf(node, "command");
  const url = memberOf(node, "url");
  if (command !== undefined && url !== undefined) {
    reader.error(url, "url", 'an entry has either "command" or "url", not both');
    return undefined;
  }
  if (command !== undefined) return readStdio(node, command, lifecycle, reader);
  if (url !== undefined) return readUrl(node, url, lifecycle, reader);
  reader.error(node, undefined, 'needs "command" (a program to run) or "url" (a remote server)');
  return undefined;
}

function readStdio(node: Node, commandNode: Node, lifecycle: Lifecycle, reader: EntryReader): ServerConfig | undefined {
  const command = reader.path(commandNode, "command");
  const args = reader.texts(memberOf(node, "args"), "args");
  const env = reader.textMap(memberOf(node, "env"), "env");
  const cwdNode = memberOf(node, "cwd");
  const cwd = cwdNode && reader.path(cwdNode, "cwd");
  if (cwdNode !== undefined && cwd !== undefined && !cwd.startsWith("/")) {
    reader.error(cwdNode, "cwd", "must be an absolute path, or start with ~/");
  }
  if (command === "") reader.error(commandNode, "command", "is empty");
  return command === undefined ? undefined : { kind: "stdio", command, args, env, cwd, ...lifecycle };
}

function readUrl(node: Node, urlNode: Node, lifecycle: Lifecycle, reader: EntryReader): ServerConfig | undefined {
  const url = reader.text(urlNode, "url");
  const headers = reader.textMap(memberOf(node, "headers"), "headers");
  if (url === undefined) return undefined;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    reader.error(urlNode, "url", "must be an http:// or https:// address");
    return undefined;
  }
  return { kind: "url", url, headers, ...lifecycle };
}

const LOCKSTEP_KEYS = ["share", "idle", "start", "timeout", "builtin"];

function readLifecycle(node: Node | undefined, reader: EntryReader): Lifecycle {
  const lifecycle = { ...DEFAULT_LIFECYCLE };
  if (node === undefined) return lifecycle;
  for (const [key, , keyNode] of membersOf(node)) {
    if (LOCKSTEP_KEYS.includes(key)) continue;
    reader.warn(keyNode, `lockstep.${key}`, `is not known; known are ${LOCKSTEP_KEYS.join(", ")}`);
  }
  lifecycle.share = reader.choice(memberOf(node, "share"), "lockstep.share", ["shared", "session"]) ?? lifecycle.share;
  lifecycle.start = reader.choice(memberOf(node, "start"), "lockstep.start", ["lazy", "eager"]) ?? lifecycle.start;
  lifecycle.idleMs = reader.duration(memberOf(node, "idle"), "lockstep.idle") ?? lifecycle.idleMs;
  lifecycle.timeoutMs = reader.duration(memberOf(node, "timeout"), "lockstep.timeout") ?? lifecycle.timeoutMs;
  return lifecycle;
}

/** Reads the values of one entry and collects what is wrong with them. */
class EntryReader {
  failed = false;
  readonly #text: string;
  readonly #name: string;
  readonly #env: Environment;
  readonly #problems: Problem[];

  constructor(text: string, name: string, env: Environment, problems: Problem[]) {
    this.#text = text;
    this.#name = name;
    this.#env = env;
    this.#problems = problems;
  }

  error(node: Node, key: string | undefined, message: string): void {
    this.failed = true;
    this.#report("error", node, key, message);
  }

  warn(node: Node, key: string | undefined, message: string): void {
    this.#report("warning", node, key, message);
  }

  flag(node: Node, key: string): boolean {
    return memberOf(node, key)?.value === true;
  }

  text(node: Node, key: string): string | undefined {
    if (node.type !== "string") {
      this.error(node, key, "must be a string");
      return undefined;
    }
    const expansion = expand(String(node.value), this.#env);
    if (expansion.ok) return expansion.text;
    this.error(node, key, expansion.reason);
    return undefined;
  }

  /** A string in which a leading `~/` stands for the home directory. */
  path(node: Node, key: string): string | undefined {
    const text = this.text(node, key);
    const home = this.#env["HOME"];
    return text?.startsWith("~/") && home !== undefined ? home + text.slice(1) : text;
  }

  texts(node: Node | undefined, key: string): string[] {
    if (node === undefined) return [];
    if (node.type !== "array") {
      this.error(node, key, "must be an array of strings");
      return [];
    }
    return (node.children ?? []).map((item, index) => this.text(item, `${key}[${index}]`) ?? "");
  }

  textMap(node: Node | undefined, key: string): Record<string, string> {
    if (node === undefined) return {};
    if (node.type !== "object") {
      this.error(node, key, "must be an object of strings");
      return {};
    }
    const texts: Record<string, string> = {};
    for (const [name, value] of membersOf(node)) {
      // Numbers and booleans are common slips here, and their text is what was meant.
      const plain = value.type === "number" || value.type === "boolean";
      const text = plain ? String(value.value) : this.text(value, `${key}.${name}`);
      if (text !== undefined) texts[name] = text;
    }
    return texts;
  }

  choice<T extends string>(node: Node | undefined, key: string, choices: readonly T[]): T | undefined {
    if (node === undefined) return undefined;
    const found = choices.find((choice) => choice === node.value);
    if (found === undefined) this.error(node, key, `must be ${choices.map((choice) => `"${choice}"`).join(" or ")}`);
    return found;
  }

  duration(node: Node | undefined, key: string): number | undefined {
    if (node === undefined) return undefined;
    const duration = node.type === "string" ? parseDuration(String(node.value)) : undefined;
    if (duration === undefined) this.error(node, key, 'must be a duration such as "90s", "10m", "1h" or "never"');
    return duration;
  }

  #report(severity: Problem["severity"], node: Node, key: string | undefined, message: string): void {
    const position = positionAt(this.#text, node.offset);
    this.#problems.push({ severity, name: this.#name, ...(key === undefined ? {} : { key }), ...position, message });
  }
}

function membersOf(object: Node): [name: string, value: Node, keyNode: Node][] {
  const members: [string, Node, Node][] = [];
  for (const property of object.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key !== undefined && value !== undefined) members.push([String(getNodeValue(key)), value, key]);
  }
  return members;
}

/** The value of a key; of one that comes twice the last, as JSON.parse has it. */
function memberOf(object: Node, name: string): Node | undefined {
  return membersOf(object).findLast(([key]) => key === name)?.[1];
}

/** `CommaExpected` → `comma expected`. */
function describeCode(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
