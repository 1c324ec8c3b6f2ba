import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";

import { applyEdits, findNodeAtLocation, modify, parseTree, type Node, type ParseError } from "jsonc-parser";

import { insertMember } from "./insert-member.js";
import { maskedLineAt, positionAt } from "./problem.js";
import { problemWithName } from "./server-config.js";

/** A server's entry as it stands in the file. */
export type ServerEntry = Record<string, unknown>;

/** `servers.json` was not edited; the message says why and what to do, and is printed without a stack. */
export class ServersEditError extends Error {}

/**
 * Adds an entry to the file at `path`, and keeps comments and formatting. An existing name is refused unless `replace`. A
 * new file also gets the builtin memory server, which is there without a file, and would otherwise disappear.
 */
export function addServer(path: string, name: string, entry: ServerEntry, options: { replace?: boolean } = {}): void {
  const nameProblem = problemWithName(name);
  if (nameProblem !== undefined) throw new ServersEditError(`${name}: ${nameProblem}.`);
  const found = readFileIfThere(path);
  if (found !== undefined && options.replace !== true && hasServer(path, found, name)) {
    throw new ServersEditError(`${path} already has a server "${name}". Remove it first, or choose another name.`);
  }
  writeFileSafely(path, withServer(path, found ?? DEFAULT_FILE, name, entry));
}

/** Removes an entry. The builtin server can be removed even without a file: a file is then written without it. */
export function removeServer(path: string, name: string): void {
  const text = readFileIfThere(path) ?? DEFAULT_FILE;
  if (!hasServer(path, text, name)) throw new ServersEditError(`${path} has no server "${name}".`);
  writeFileSafely(path, withoutServer(text, name));
}

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
  const root = parseOrRefuse(path, source);
  const servers = findNodeAtLocation(root, ["mcpServers"]);
  if (servers === undefined) return insertMember(source, root, "mcpServers", { [name]: entry });
  const existing = findNodeAtLocation(servers, [name]);
  if (existing === undefined) return insertMember(source, servers, name, entry);
  // Removed and inserted, so that it is formatted like any new entry.
  return withServer(path, withoutServer(source, name), name, entry);
}

function withoutServer(text: string, name: string): string {
  return applyEdits(text, modify(text, ["mcpServers", name], undefined, {}));
}

function hasServer(path: string, text: string, name: string): boolean {
  return text.trim() !== "" && findNodeAtLocation(parseOrRefuse(path, text), ["mcpServers", name]) !== undefined;
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
  const servers = root && findNodeAtLocation(root, ["mcpServers"]);
  if (root?.type !== "object" || (servers !== undefined && servers.type !== "object")) {
    throw new ServersEditError(`${path}: must be {"mcpServers": {…}}, so the file was not changed.`);
  }
  return root;
}

function readFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** By temporary file (0600), fsync and rename, so that a crash leaves the old text or the new. Keeps a symlink. */
function writeFileSafely(path: string, text: string): void {
  const target = targetOf(path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    const fd = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Missing, or a link whose target is missing.
  }
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return path;
  }
}
