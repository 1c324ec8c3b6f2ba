import { lstatSync, mkdirSync, rmSync, statSync, writeFileSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

import { fileErrorText } from "./file-error.js";
import { MAX_SOCKET_PATH_BYTES } from "./platform/support.js";

/** The paths of one daemon's files. */
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
  /** Held while `servers` is edited. */
  serversLock: string;
}

/** The state directory cannot be used; the message says why and how to fix it. */
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
    serversLock: `${dir}/servers.lock`,
  };
}

/**
 * The state directory: that of `--dir`, else of the environment variable, else `fallback` below the home directory. An
 * empty value counts as unset. Throws DirectoryError for a relative path, which would mean another directory to a daemon,
 * and if the home directory is needed and unknown.
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
      : ["the default", join(homeDirectory(variable), fallback)];
  if (!isAbsolute(dir)) throw new DirectoryError(`${source} is "${dir}": give an absolute path`);
  return dir.length > 1 ? dir.replace(/\/+$/, "") : dir;
}

/** $HOME, as in a shell; if it is unset, the home directory in the system's user database. */
function homeDirectory(variable: string): string {
  try {
    return process.env["HOME"] || process.getBuiltinModule("node:os").homedir();
  } catch (cause) {
    throw new DirectoryError(`there is no home directory: set HOME, or ${variable} to an absolute path`, { cause });
  }
}

/** Checks the state directory, and creates it (0700) if it is missing. Throws DirectoryError. */
export function prepareDirectory(paths: StatePaths): void {
  checkSocketPath(paths.socket);
  if (checkDirectory(paths)) return;
  refuseAnothersHome(paths.dir);
  try {
    mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DirectoryError(`cannot create the state directory ${paths.dir}: ${fileErrorText(cause)}`, { cause });
  }
  // Another process may have created it in between, so it is checked like any other.
  checkDirectory(paths);
}

/** sudo may keep HOME. A directory that root creates there would lock its user out. */
function refuseAnothersHome(dir: string): void {
  if (process.getuid?.() !== 0 || dirname(dir) !== process.env["HOME"]) return;
  const owner = statSync(dirname(dir), { throwIfNoEntry: false })?.uid ?? 0;
  if (owner === 0) return;
  throw new DirectoryError(
    `root does not create ${dir} in the home directory of user ${owner}, who could not use it any more: ` +
      `run this without sudo, or with "sudo -H" for root's own directory`,
  );
}

/**
 * True if the state directory exists and is private, false if it is missing. Throws DirectoryError if another user owns
 * it or may write to it: that user could replace the socket and read every call.
 */
export function checkDirectory(paths: StatePaths): boolean {
  const { dir } = paths;
  const found = statOf(dir);
  if (!found) return false;
  const problem = whyNotPrivate(dir, found);
  if (problem !== undefined) throw new DirectoryError(`the state directory ${problem}`);
  return true;
}

/** Undefined for a private directory; else what is wrong with it, beginning with its path, and how to fix it. */
export function whyNotPrivate(dir: string, found: Stats): string | undefined {
  if (isPrivateDirectory(found)) return undefined;
  if (found.isSymbolicLink()) return `${dir} is a link: remove it`;
  if (!found.isDirectory()) return `${dir} is a file: remove it, or choose another directory`;
  const uid = process.getuid?.();
  if (found.uid !== uid) {
    return `${dir} belongs to user ${found.uid}, not to you (${uid}): ${whatToDoAbout(found.uid, dir)}`;
  }
  const mode = (found.mode & 0o777).toString(8);
  return `${dir} can be written by others (mode ${mode}): chmod 700 "${dir}"`;
}

/** Only what root created in a user's place is given back; another user's directory stays that user's. */
function whatToDoAbout(owner: number, dir: string): string {
  const uid = process.getuid?.();
  if (uid === 0) return `run this as that user, without sudo, or choose another directory`;
  return owner === 0
    ? `sudo chown -R ${uid} "${dir}", or choose another directory`
    : `choose another directory, or log in as that user`;
}

/** True for a directory that this user owns and that no other user may write to. */
export function isPrivateDirectory(found: Stats): boolean {
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

/**
 * Throws DirectoryError if a daemon could not write its few files here. To be called before one is spawned: on a full
 * disk it could not even log why it ended.
 */
export function requireSpace(paths: StatePaths): void {
  const probe = join(paths.dir, `space.${process.pid}`);
  try {
    writeFileSync(probe, Buffer.alloc(NEEDED_BYTES), { mode: 0o600 });
  } catch (cause) {
    throw new DirectoryError(`cannot write to the state directory ${paths.dir}: ${fileErrorText(cause)}`, { cause });
  } finally {
    rmSync(probe, { force: true });
  }
}

const NEEDED_BYTES = 4_096;

/** Throws DirectoryError if the path is too long for a socket: `listen` and `connect` truncate it silently. */
export function checkSocketPath(socket: string): void {
  const bytes = Buffer.byteLength(socket);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return;
  throw new DirectoryError(
    `the socket's path ${socket} has ${bytes} bytes; this system allows ${MAX_SOCKET_PATH_BYTES}: choose a state directory with a shorter path`,
  );
}

function statOf(dir: string): Stats | undefined {
  try {
    return statSync(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      return danglingLink(dir);
    }
    throw new DirectoryError(`cannot read the state directory ${dir}: ${fileErrorText(cause)}`, { cause });
  }
}

function danglingLink(dir: string): undefined {
  if (lstatSync(dir, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new DirectoryError(
      `the state directory ${dir} is a link whose target does not exist: create the target, or remove the link`,
    );
  }
  return undefined;
}
