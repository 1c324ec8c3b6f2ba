import type { Node } from "jsonc-parser";

import type { EntryReader } from "./entry-reader.js";
import { memberOf, membersOf } from "./members.js";
import { DEFAULT_LIFECYCLE, type Lifecycle, type ServerConfig } from "./server-config.js";

/** The servers that come with Lockstep, by the name that `{"lockstep": {"builtin": "memory"}}` uses. */
export type Builtins = Readonly<Record<string, { command: string; args: string[]; env: Record<string, string> }>>;

/** The configuration in an entry of `mcpServers`; problems are reported to `reader`, and some leave no configuration. */
export function readEntry(node: Node, reader: EntryReader, builtins: Builtins): ServerConfig | undefined {
  const own = memberOf(node, "lockstep");
  if (own !== undefined && own.type !== "object") {
    reader.error(own, "lockstep", "must be an object");
    return undefined;
  }
  const lifecycle = readLifecycle(own, reader);
  const builtin = own && memberOf(own, "builtin");
  if (builtin !== undefined) {
    const name = reader.text(builtin, "lockstep.builtin");
    const server = name === undefined ? undefined : Object.hasOwn(builtins, name) ? builtins[name] : undefined;
    if (server) return { kind: "stdio", ...server, cwd: undefined, ...lifecycle };
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
    reader.warn(keyNode, `lockstep.${key}`, `is not a known key; known keys: ${LOCKSTEP_KEYS.join(", ")}`);
  }
  lifecycle.share = reader.choice(memberOf(node, "share"), "lockstep.share", ["shared", "session"]) ?? lifecycle.share;
  lifecycle.start = reader.choice(memberOf(node, "start"), "lockstep.start", ["lazy", "eager"]) ?? lifecycle.start;
  lifecycle.idleMs = reader.duration(memberOf(node, "idle"), "lockstep.idle") ?? lifecycle.idleMs;
  lifecycle.timeoutMs = reader.duration(memberOf(node, "timeout"), "lockstep.timeout") ?? lifecycle.timeoutMs;
  return lifecycle;
}
