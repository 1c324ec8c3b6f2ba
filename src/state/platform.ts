import { readdirSync, readFileSync, statSync } from "node:fs";

import type * as Koffi from "koffi";

/**
 * Everything that differs between Linux and macOS, and every call into libc. koffi is loaded at the first such call:
 * it costs 7 ms or more, which the warm path does not have.
 */

/** The longest path a Unix socket can have, in bytes without the terminating NUL. */
export const MAX_SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/** Throws on platforms that Lockstep cannot run on. */
export function requireSupportedPlatform(platform: NodeJS.Platform = process.platform): void {
  if (platform === "linux" || platform === "darwin") return;
  throw new Error(
    `not supported yet: Lockstep needs flock(2) and Unix sockets, which ${platform} lacks; Linux and macOS work`,
  );
}

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const EINTR = 4;
const EWOULDBLOCK = process.platform === "linux" ? 11 : 35;

/** flock(2) without waiting. True: the lock is ours, until `fd` and all its copies are closed. False: somebody has it. */
export function flockNow(fd: number, mode: "exclusive" | "shared"): boolean {
  const operation = (mode === "exclusive" ? LOCK_EX : LOCK_SH) | LOCK_NB;
  for (;;) {
    if (libc().flock(fd, operation) === 0) return true;
    const errno = libc().errno();
    if (errno === EWOULDBLOCK) return false;
    if (errno !== EINTR)
      throw new Error(`flock failed with errno ${errno}: is the state directory on a file system without locks?`);
  }
}

const F_SETFD = 2;
const FD_CLOEXEC = 1;

/**
 * fcntl(2): programs that are started from now on inherit no descriptor but the standard three. Electron's main process
 * leaves dozens open, some of them of files in an AppImage's mount, which could then not go away.
 */
export function closeDescriptorsOnExec(): void {
  for (const name of readdirSync(process.platform === "linux" ? "/proc/self/fd" : "/dev/fd")) {
    // One of them is the listing's own, and closed by now; that is no error.
    if (Number(name) > 2) libc().fcntl(Number(name), F_SETFD, "int", FD_CLOEXEC);
  }
}

/** dup2(2): makes `to` a copy of `from`, for instance to lead stderr into a rotated log. */
export function duplicateOver(from: number, to: number): void {
  if (libc().dup2(from, to) < 0) throw new Error(`dup2 failed with errno ${libc().errno()}`);
}

const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;

/** Lets two names of one file system stand for each other's files, in one step. False: this system cannot. */
export function exchangeNames(a: string, b: string): boolean {
  if (process.platform !== "linux") return false;
  return libc().renameat2?.(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) === 0;
}

export interface PeerProcess {
  pid: number;
  /** Undefined where the kernel does not tell it with the pid. */
  uid: number | undefined;
}

/** Who holds the other end of a connected Unix socket, by the kernel's word; undefined when it does not say. */
export function peerOf(socketFd: number): PeerProcess | undefined {
  if (process.platform === "linux") {
    // struct ucred { pid_t pid; uid_t uid; gid_t gid; }
    const ucred = readSocketOption(socketFd, 1 /* SOL_SOCKET */, 17 /* SO_PEERCRED */, 12);
    if (!ucred) return undefined;
    const pid = ucred.readInt32LE(0);
    return pid > 0 ? { pid, uid: ucred.readUInt32LE(4) } : undefined;
  }
  const pidOption = readSocketOption(socketFd, 0 /* SOL_LOCAL */, 2 /* LOCAL_PEERPID */, 4);
  if (!pidOption) return undefined;
  // struct xucred { u_int version; uid_t uid; short ngroups; gid_t groups[16]; }
  const xucred = readSocketOption(socketFd, 0 /* SOL_LOCAL */, 1 /* LOCAL_PEERCRED */, 76);
  return { pid: pidOption.readInt32LE(0), uid: xucred?.readUInt32LE(4) };
}

function readSocketOption(fd: number, level: number, option: number, size: number): Buffer | undefined {
  const value = Buffer.alloc(size);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(size, 0);
  return libc().getsockopt(fd, level, option, value, length) === 0 ? value : undefined;
}

/**
 * When a process started, as an opaque text that no later process with the same pid shares; undefined when there is no
 * such process. Linux: boot id and start tick. macOS: `ps`' start time, to the second.
 */
export function processStartTime(pid: number): string | undefined {
  if (process.platform === "linux") {
    const stat = readProc(`${pid}/stat`);
    // The command's name may hold blanks and brackets; what follows the last `)` is fixed.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    const startTicks = fields?.[19];
    if (!fields || startTicks === undefined || fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${bootId()}/${startTicks}`;
  }
  return runPs(["-o", "lstart=", "-p", String(pid)]);
}

/** Its command line, for messages; undefined when it is gone or not ours to see. */
export function processCommand(pid: number): string | undefined {
  if (process.platform === "linux") {
    const line = readProc(`${pid}/cmdline`)?.replaceAll("\0", " ").trim();
    return line === "" ? undefined : line;
  }
  return runPs(["-o", "command=", "-p", String(pid)]);
}

/** The process that took the flock on `file`, for messages only: a lock may have been handed on since. */
export function lockHolder(file: string): number | undefined {
  if (process.platform !== "linux") return lockHolderByLsof(file);
  const locks = readProc("locks");
  const inode = inodeOf(file);
  if (locks === undefined || inode === undefined) return undefined;
  for (const line of locks.split("\n")) {
    const held = /^\d+: FLOCK\s+ADVISORY\s+WRITE\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(line);
    if (held && held[2] === inode && Number(held[1]) > 0) return Number(held[1]);
  }
  return undefined;
}

interface Libc {
  flock(fd: number, operation: number): number;
  dup2(from: number, to: number): number;
  fcntl(fd: number, command: number, type: "int", argument: number): number;
  getsockopt(fd: number, level: number, option: number, value: Buffer, length: Buffer): number;
  /** Undefined in a libc without it: it came to glibc with 2.28. */
  renameat2: ((fromDir: number, from: string, toDir: number, to: string, flags: number) => number) | undefined;
  errno(): number;
}

let loaded: Libc | undefined;

function libc(): Libc {
  loaded ??= loadLibc();
  return loaded;
}

function loadLibc(): Libc {
  const koffi = requireHere("koffi") as typeof Koffi;
  const library = koffi.load(process.platform === "darwin" ? "libSystem.B.dylib" : null);
  return {
    flock: library.func("int flock(int fd, int operation)") as Libc["flock"],
    dup2: library.func("int dup2(int from, int to)") as Libc["dup2"],
    fcntl: library.func("int fcntl(int fd, int command, ...)") as Libc["fcntl"],
    getsockopt: library.func(
      "int getsockopt(int fd, int level, int option, _Out_ uint8_t *value, _Inout_ uint8_t *length)",
    ) as Libc["getsockopt"],
    renameat2: optionalFunction(
      library,
      "int renameat2(int fromDir, const char *from, int toDir, const char *to, unsigned int flags)",
    ),
    errno: () => koffi.errno(),
  };
}

function optionalFunction(library: Koffi.LibraryHandle, prototype: string): Libc["renameat2"] {
  try {
    return library.func(prototype) as Libc["renameat2"];
  } catch (error) {
    if ((error as Error).message.startsWith("Cannot find function")) return undefined;
    throw error;
  }
}

/** Loads what the warm path never needs, at the moment when it is needed. */
function requireHere(name: string): unknown {
  return process.getBuiltinModule("node:module").createRequire(__filename)(name);
}

let cachedBootId: string | undefined;

function bootId(): string {
  cachedBootId ??= readProc("sys/kernel/random/boot_id")?.trim() ?? "unknown-boot";
  return cachedBootId;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return undefined;
  }
}

function inodeOf(file: string): string | undefined {
  try {
    return String(statSync(file, { bigint: true }).ino);
  } catch {
    return undefined;
  }
}

function runPs(args: string[]): string | undefined {
  return runBriefly("/bin/ps", args);
}

function lockHolderByLsof(file: string): number | undefined {
  const first = runBriefly("/usr/sbin/lsof", ["-t", file])?.split("\n")[0];
  return first === undefined ? undefined : Number(first);
}

function runBriefly(command: string, args: string[]): string | undefined {
  const { spawnSync } = requireHere("node:child_process") as typeof import("node:child_process");
  const { status, stdout } = spawnSync(command, args, {
    encoding: "utf8",
    timeout: 2_000,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const text = status === 0 ? stdout.trim() : "";
  return text === "" ? undefined : text;
}
