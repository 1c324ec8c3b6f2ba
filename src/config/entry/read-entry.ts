import type { Node } from "jsonc-parser";

import type { Builtins } from "./context.js";
import { problemWithKey, URL_KEYS } from "./keys.js";
import type { EntryReader } from "./reader.js";
import { readEnvFile } from "./env-file.js";
import { memberOf, membersOf } from "../members.js";
import { DEFAULT_LIFECYCLE, problemWithHeader, type Lifecycle, type ServerConfig } from "../server-config.js";

/** The configuration in an entry of `mcpServers`; problems are reported to `reader`, and some leave no configuration. */
export function readEntry(node: Node, reader: EntryReader, builtins: Builtins): ServerConfig | undefined {
  for (const [key, , keyNode] of membersOf(node)) {
    const problem = problemWithKey(key);
    if (problem !== undefined) reader.warn(keyNode, key, problem);
  }
  const own = reader.given(node, "lockstep");
  if (own !== undefined && own.type !== "object") {
    reader.error(own, "lockstep", "must be an object");
    return undefined;
  }
  const builtin = own && memberOf(own, "builtin");
  if (builtin !== undefined) {
    const name = reader.text(builtin, "lockstep.builtin");
    const server = name === undefined ? undefined : Object.hasOwn(builtins, name) ? builtins[name] : undefined;
    if (server) return { kind: "stdio", cwd: undefined, ...server, ...readLifecycle(own, reader, server) };
    reader.error(builtin, "lockstep.builtin", `must be one of: ${Object.keys(builtins).join(", ")}`);
    return undefined;
  }
  const lifecycle = readLifecycle(own, reader);
  const command = reader.given(node, "command");
  const urlKey = URL_KEYS.find((key) => reader.given(node, key) !== undefined);
  if (command !== undefined && urlKey !== undefined) {
    reader.error(reader.given(node, urlKey)!, urlKey, `an entry has either "command" or "${urlKey}", not both`);
    return undefined;
  }
  if (command !== undefined) return readStdio(node, command, lifecycle, reader);
  if (urlKey !== undefined) return readUrl(node, urlKey, lifecycle, reader);
  reader.error(node, undefined, 'needs "command" (a program to run) or "url" (a remote server)');
  return undefined;
}

function readStdio(node: Node, commandNode: Node, lifecycle: Lifecycle, reader: EntryReader): ServerConfig | undefined {
  const [command, ...words] = readCommand(commandNode, reader);
  const args = [...words, ...reader.texts(reader.given(node, "args"), "args")];
  const cwdNode = reader.given(node, "cwd");
  const cwd = cwdNode && reader.text(cwdNode, "cwd");
  if (cwdNode !== undefined && cwd !== undefined && !cwd.startsWith("/")) {
    reader.error(cwdNode, "cwd", "must be an absolute path, or start with ~/");
  }
  const ofFile = readEnvFile(reader.given(node, "envFile"), cwd, reader);
  const env = { ...ofFile, ...reader.textMap(reader.given(node, "env"), "env") };
  return command === undefined ? undefined : { kind: "stdio", command, args, env, cwd, ...lifecycle };
}

/** A program's name or path. OpenCode writes a list of it and its arguments. */
function readCommand(node: Node, reader: EntryReader): string[] {
  if (node.type === "array") return reader.texts(node, "command");
  const command = reader.text(node, "command");
  return command === undefined ? [] : [command];
}

function readUrl(node: Node, key: string, lifecycle: Lifecycle, reader: EntryReader): ServerConfig | undefined {
  const urlNode = reader.given(node, key)!;
  const url = reader.text(urlNode, key);
  const written = reader.textMap(reader.given(node, "headers"), "headers");
  const headers = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== ""));
  for (const [name, value] of Object.entries(headers)) {
    const problem = problemWithHeader(name, value);
    if (problem !== undefined) reader.error(reader.given(node, "headers")!, `headers.${name}`, problem);
  }
  if (url === undefined) return undefined;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    reader.error(urlNode, key, "must be an http:// or https:// address");
    return undefined;
  }
  return { kind: "url", url, headers, transport: readTransport(node, reader), ...lifecycle };
}

/** What an entry says of the transport counts only where it names the older one: the newer has several names. */
function readTransport(node: Node, reader: EntryReader): "http" | "sse" {
  const named = reader.given(node, "type") ?? reader.given(node, "transport");
  return String(named?.value).toLowerCase() === "sse" ? "sse" : "http";
}

const LOCKSTEP_KEYS = ["share", "idle", "start", "timeout", "startTimeout", "concurrency", "builtin"];

function readLifecycle(
  node: Node | undefined,
  reader: EntryReader,
  defaults?: Pick<Lifecycle, "concurrency">,
): Lifecycle {
  const lifecycle = { ...DEFAULT_LIFECYCLE, ...(defaults && { concurrency: defaults.concurrency }) };
  if (node === undefined) return lifecycle;
  for (const [key, , keyNode] of membersOf(node)) {
    if (LOCKSTEP_KEYS.includes(key)) continue;
    reader.warn(keyNode, `lockstep.${key}`, `is not a known key; known keys: ${LOCKSTEP_KEYS.join(", ")}`);
  }
  lifecycle.share = reader.choice(memberOf(node, "share"), "lockstep.share", ["shared", "session"]) ?? lifecycle.share;
  lifecycle.start = reader.choice(memberOf(node, "start"), "lockstep.start", ["lazy", "eager"]) ?? lifecycle.start;
  const idleMs = reader.duration(memberOf(node, "idle"), "lockstep.idle");
  if (idleMs !== undefined) Object.assign(lifecycle, { idleMs, keptByClients: false });
  lifecycle.timeoutMs = reader.duration(memberOf(node, "timeout"), "lockstep.timeout") ?? lifecycle.timeoutMs;
  lifecycle.startTimeoutMs =
    reader.duration(memberOf(node, "startTimeout"), "lockstep.startTimeout") ?? lifecycle.startTimeoutMs;
  lifecycle.concurrency =
    reader.positiveInteger(memberOf(node, "concurrency"), "lockstep.concurrency") ?? lifecycle.concurrency;
  return lifecycle;
}
