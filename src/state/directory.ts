import { lstatSync, mkdirSync, rmSync, statSync, writeFileSync, type Stats } from "node:fs";
import { isAbsolute, join } from "node:path";

import { MAX_SOCKET_PATH_BYTES } from "./platform/support.js";

/** Where everything of one daemon stands. */
export interface StatePaths {
  dir: string;
  socket: string;
  pid: string;
  identity: string;
  log: string;
  daemonLock: string;
  restartLock: string;
  children: string;
  servers: string;
}

/** The state directory cannot be used; the message says why and how to mend it. */
export class DirectoryError extends Error {}

export function statePaths(dir: string): StatePaths {
  return {
    dir,
    socket: `${dir}/serve.sock`,
    pid: `${dir}/serve.pid`,
    identity: `${dir}/serve.json`,
    log: `${dir}/serve.log`,
    daemonLock: `${dir}/daemon.lock`,
    restartLock: `${dir}/restart.lock`,
    children: `${dir}/children.json`,
    servers: `${dir}/servers.json`,
  };
}

/**
 * The state directory by the user's word (`--dir`), the environment's, or the default below the home directory.
 * An empty value counts as unset, a relative one is refused: a daemon would look for it from another directory.
 */
export function resolveDirectory(
  option: string | undefined,
  variable: string,
  value: string | undefined,
  fallback: string,
): string {
  const [source, dir] = option
    ? ["--dir", option]
    : value
      ? [`$${variable}`, value]
      : ["the default", join(homeDirectory(), fallback)];
  if (!isAbsolute(dir)) throw new DirectoryError(`${source} is "${dir}": give an absolute path`);
  return dir.length > 1 ? dir.replace(/\/+$/, "") : dir;
}

/** $HOME, as every shell has it; without one what the system's user database says. */
function homeDirectory(): string {
  return process.env["HOME"] || process.getBuiltinModule("node:os").homedir();
}

/** Checks what is there, creates (0700) what is not. Throws DirectoryError. */
export function prepareDirectory(paths: StatePaths): void {
  checkSocketPath(paths.socket);
  if (checkDirectory(paths)) return;
  try {
    mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DirectoryError(`cannot create the state directory ${paths.dir}: ${whyOf(cause)}`, { cause });
  }
  // Another process may have made it in between, so what is there now is checked like any other.
  checkDirectory(paths);
}

/**
 * Is there a state directory that is ours alone? False when there is none. A directory that somebody else owns or may
 * write to is refused: whoever can replace the socket in it can read every call.
 */
export function checkDirectory(paths: StatePaths): boolean {
  const { dir } = paths;
  const found = statOf(dir);
  if (!found) return false;
  const problem = whyNotOursAlone(dir, found);
  if (problem !== undefined) throw new DirectoryError(`the state directory ${problem}`);
  return true;
}

/** Undefined when it is ours alone; else what is wrong with it, beginning with its path, and the mend. */
export function whyNotOursAlone(dir: string, found: Stats): string | undefined {
  if (isOursAlone(found)) return undefined;
  if (found.isSymbolicLink()) return `${dir} is a link: remove it`;
  if (!found.isDirectory()) return `${dir} is a file: remove it, or set another directory`;
  const uid = process.getuid?.();
  if (found.uid !== uid) {
    return `${dir} belongs to user ${found.uid}, not to you (${uid}): sudo chown -R ${uid} "${dir}", or set another directory`;
  }
  const mode = (found.mode & 0o777).toString(8);
  return `${dir} can be written by others (mode ${mode}): chmod 700 "${dir}"`;
}

/** A directory that belongs to us, and that nobody else may write to. */
export function isOursAlone(found: Stats): boolean {
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

/**
 * Can a daemon write its few files here? Asked before one is spawned: on a full disk it could not even log why it ended.
 * Throws DirectoryError.
 */
export function requireSpace(paths: StatePaths): void {
  const probe = join(paths.dir, `space.${process.pid}`);
  try {
    writeFileSync(probe, Buffer.alloc(NEEDED_BYTES), { mode: 0o600 });
  } catch (cause) {
    throw new DirectoryError(`cannot write to the state directory ${paths.dir}: ${whyOf(cause)}`, { cause });
  } finally {
    rmSync(probe, { force: true });
  }
}

const NEEDED_BYTES = 4_096;

/** `listen` and `connect` cut an over-long path without a word, so it is measured first. */
export function checkSocketPath(socket: string): void {
  const bytes = Buffer.byteLength(socket);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return;
  throw new DirectoryError(
    `the socket's path ${socket} has ${bytes} bytes, and this system takes ${MAX_SOCKET_PATH_BYTES}: set a shorter state directory`,
  );
}

function statOf(dir: string): Stats | undefined {
  try {
    return statSync(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      return danglingLink(dir);
    }
    throw new DirectoryError(`cannot look at the state directory ${dir}: ${whyOf(cause)}`, { cause });
  }
}

function danglingLink(dir: string): undefined {
  if (lstatSync(dir, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new DirectoryError(`the state directory ${dir} is a link to nothing: create its target, or remove the link`);
  }
  return undefined;
}

/** A file system's error in words, without Node's `EACCES: … , open '…'` frame. */
export function whyOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EROFS":
      return "the disk is read-only";
    case "ENOSPC":
      return "the disk is full";
    case "EDQUOT":
      return "the disk quota is used up";
    case "ENOTDIR":
      return "a part of its path is a file";
    case "EMFILE":
    case "ENFILE":
      return "too many open files";
    case "ENAMETOOLONG":
      return "the path is too long";
    default:
      return message;
  }
}
