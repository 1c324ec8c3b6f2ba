import { setTimeout as delay } from "node:timers/promises";

import { getNodeValue, parseTree, type Node, type ParseError } from "jsonc-parser";

import { lockHolderText } from "../state/platform/lock-holder.js";
import { tryLock, type FileLock } from "../state/lock.js";
import { SERVERS_KEYS } from "./entry/keys.js";
import { serversKeyOf } from "./find-entries.js";
import { insertMember } from "./insert-member.js";
import { memberOf } from "./members.js";
import { maskedLineAt, positionAt } from "./problem.js";
import { problemWithName } from "./server-config.js";
import { removeMember } from "./remove-member.js";
import { readFileIfThere, writeFileSafely } from "./whole-file.js";

/** A server's entry as it stands in the file. */
export type ServerEntry = Record<string, unknown>;

/** The file, which may be a link, and the lock under which it is edited. */
export interface ServersFile {
  servers: string;
  serversLock: string;
}

/** `servers.json` was not edited; the message says why and what to do, and is printed without a stack. */
export class ServersEditError extends Error {}

/**
 * Adds an entry, and keeps comments and formatting. An existing name is refused unless `replace`; the new entry then keeps
 * the settings under the old one's key "lockstep". Returns the old entry, as JSON text. A new file also gets the builtin
 * memory server, which is there without a file, and would otherwise disappear.
 */
export async function addServer(
  file: ServersFile,
  name: string,
  entry: ServerEntry,
  options: { replace?: boolean } = {},
): Promise<string | undefined> {
  const nameProblem = problemWithName(name);
  if (nameProblem !== undefined) throw new ServersEditError(`${name}: ${nameProblem}.`);
  return edit(file, (text) => {
    const before = entryIn(file.servers, text, name);
    if (before !== undefined && options.replace !== true) {
      throw new ServersEditError(
        `a server "${name}" already exists: use --force to replace it, or choose another name (${file.servers})`,
      );
    }
    const after = withServer(file.servers, text, name, before ? withSettingsOf(before.value, entry) : entry);
    return { after, result: before?.json };
  });
}

/**
 * Removes an entry, and returns it as JSON text. The builtin server can be removed even without a file: a file is then
 * written without it.
 */
export function removeServer(file: ServersFile, name: string): Promise<string> {
  return edit(file, (text) => {
    const before = entryIn(file.servers, text, name);
    if (before === undefined) throw new ServersEditError(`${file.servers} has no server "${name}".`);
    return { after: withoutServer(file.servers, text, name), result: before.json };
  });
}

/** Edits the file as it is once no other process edits it. */
async function edit<T>(
  { servers, serversLock }: ServersFile,
  change: (text: string) => { after: string; result: T },
): Promise<T> {
  const lock = await waitForLock(serversLock);
  try {
    const found = readFileIfThere(servers);
    const mark = found?.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
    const { after, result } = change(found?.slice(mark.length) ?? DEFAULT_FILE);
    writeFileSafely(servers, mark + after);
    return result;
  } finally {
    lock.release();
  }
}

async function waitForLock(path: string): Promise<FileLock> {
  for (const end = performance.now() + LOCK_BOUND_MS; ;) {
    const lock = tryLock(path);
    if (lock) return lock;
    if (performance.now() > end) {
      const holder = lockHolderText(path) ?? "another process";
      throw new ServersEditError(
        `${holder} has been editing servers.json for ${LOCK_BOUND_MS / 1000} s, under ${path}: end it, and try again`,
      );
    }
    await delay(LOCK_PAUSE_MS * (1 + Math.random()));
  }
}

/** An edit takes milliseconds. */
const LOCK_BOUND_MS = 10_000;
const LOCK_PAUSE_MS = 10;
const BYTE_ORDER_MARK = "\uFEFF";

const EMPTY_FILE = '{\n  "mcpServers": {}\n}\n';
/** What a missing file stands for. */
const DEFAULT_FILE = `{
  "mcpServers": {
    "memory": {
      "lockstep": {
        "builtin": "memory"
      }
    }
  }
}
`;

function withServer(path: string, text: string, name: string, entry: ServerEntry): string {
  const source = text.trim() === "" ? EMPTY_FILE : text;
  // Removed and inserted, so that it is formatted like any new entry.
  const cleared = withoutServer(path, source, name);
  const root = parseOrRefuse(path, cleared);
  const servers = memberOf(root, serversKeyOf(root) ?? "mcpServers");
  if (servers?.type === "object") return insertMember(cleared, servers, name, entry);
  if (servers === undefined) return insertMember(cleared, root, "mcpServers", { [name]: entry });
  // null stands for no servers.
  const emptied = `${cleared.slice(0, servers.offset)}{}${cleared.slice(servers.offset + servers.length)}`;
  return withServer(path, emptied, name, entry);
}

/** Without all entries of that name: the last one of several counts, and both keys may hold one. */
function withoutServer(path: string, text: string, name: string): string {
  const root = parseOrRefuse(path, text);
  for (const key of SERVERS_KEYS) {
    const property = memberOf(root, key)?.children?.find((one) => one.children?.[0]?.value === name);
    if (property !== undefined) return withoutServer(path, removeMember(text, property), name);
  }
  return text;
}

/** The entry that counts, as value and as JSON text. */
function entryIn(path: string, text: string, name: string): { value: unknown; json: string } | undefined {
  if (text.trim() === "") return undefined;
  const root = parseOrRefuse(path, text);
  for (const key of SERVERS_KEYS) {
    const servers = memberOf(root, key);
    const node = servers?.type === "object" ? memberOf(servers, name) : undefined;
    if (node === undefined) continue;
    const value: unknown = getNodeValue(node);
    return { value, json: jsonText(text.slice(node.offset, node.offset + node.length), value) };
  }
  return undefined;
}

/** The source itself on one line, with all digits of its numbers, unless it has comments or trailing commas. */
function jsonText(source: string, value: unknown): string {
  try {
    JSON.parse(source);
    return source.replace(/[\r\n]\s*/g, " ");
  } catch {
    return JSON.stringify(value);
  }
}

function withSettingsOf(before: unknown, entry: ServerEntry): ServerEntry {
  const settings = (before as { lockstep?: unknown } | null)?.lockstep;
  if (typeof settings !== "object" || settings === null || "lockstep" in entry) return entry;
  // The new entry says itself what is run.
  const { builtin: _replaced, ...kept } = settings as Record<string, unknown>;
  return Object.keys(kept).length === 0 ? entry : { ...entry, lockstep: kept };
}

function parseOrRefuse(path: string, text: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const error = errors[0];
  if (error !== undefined) {
    const { line, column } = positionAt(text, error.offset);
    throw new ServersEditError(
      `${path}:${line}:${column}: not valid JSON, so the file was not changed: ${maskedLineAt(text, error.offset).trim()}`,
    );
  }
  const wrong = root && SERVERS_KEYS.some((key) => !["object", "null", undefined].includes(memberOf(root, key)?.type));
  if (root?.type !== "object" || wrong) {
    throw new ServersEditError(`${path}: must be {"mcpServers": {…}}, so the file was not changed.`);
  }
  return root;
}
