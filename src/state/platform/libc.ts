import { readdirSync } from "node:fs";

import type * as Koffi from "koffi";

// Every call into libc. koffi is loaded at the first one: that takes 7 ms or more, too long for the warm path.

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const EINTR = 4;
const EWOULDBLOCK = process.platform === "linux" ? 11 : 35;

/**
 * flock(2) without waiting. True: the lock is held until `fd` and all its copies are closed. False: another open file
 * holds it.
 */
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

const F_GETFD = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/**
 * fcntl(2): programs that are started before the result is disposed inherit only the three standard descriptors and
 * those that they are given, however high the number of another is. A shell's process substitutions have high ones, and
 * Electron's main process leaves dozens open, some of them on files of an AppImage's mount, which then could not be
 * unmounted. Afterwards other programs inherit what they did before, for instance a make's job server.
 */
export function sealDescriptors(): Disposable {
  const sealed: number[] = [];
  for (const name of readdirSync(process.platform === "linux" ? "/proc/self/fd" : "/dev/fd")) {
    const fd = Number(name);
    // One of them belonged to the listing and is closed by now, which is no error.
    const flags = fd > 2 ? libc().fcntl(fd, F_GETFD, "int", 0) : -1;
    if (flags === -1 || (flags & FD_CLOEXEC) !== 0) continue;
    libc().fcntl(fd, F_SETFD, "int", flags | FD_CLOEXEC);
    sealed.push(fd);
  }
  return {
    [Symbol.dispose]: () => {
      for (const fd of sealed) libc().fcntl(fd, F_SETFD, "int", 0);
    },
  };
}

/** dup2(2): makes `to` a copy of `from`, for instance to redirect stderr to a rotated log. */
export function duplicateOver(from: number, to: number): void {
  if (libc().dup2(from, to) < 0) throw new Error(`dup2 failed with errno ${libc().errno()}`);
}

const POLLERR = 0x08;
const POLLHUP = 0x10;

/** poll(2): true when `fd` writes to a pipe, socket or terminal whose other end is closed. */
export function readerHungUp(fd: number): boolean {
  // struct pollfd { int fd; short events; short revents; }
  const pollfd = Buffer.alloc(8);
  pollfd.writeInt32LE(fd, 0);
  return libc().poll(pollfd, 1, 0) > 0 && (pollfd.readInt16LE(6) & (POLLERR | POLLHUP)) !== 0;
}

const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;

/** Exchanges the files behind two names of one file system atomically. False: this system cannot do that. */
export function exchangeNames(a: string, b: string): boolean {
  if (process.platform !== "linux") return false;
  return libc().renameat2?.(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) === 0;
}

export interface PeerProcess {
  pid: number;
  /** Undefined if the kernel did not report it. */
  uid: number | undefined;
}

/** The process at the other end of a connected Unix socket, as the kernel reports it; undefined if it does not. */
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

interface Libc {
  flock(fd: number, operation: number): number;
  dup2(from: number, to: number): number;
  poll(fds: Buffer, count: number, timeoutMs: number): number;
  fcntl(fd: number, command: number, type: "int", argument: number): number;
  getsockopt(fd: number, level: number, option: number, value: Buffer, length: Buffer): number;
  /** Undefined if libc lacks it: glibc has it since 2.28. */
  renameat2: ((fromDir: number, from: string, toDir: number, to: string, flags: number) => number) | undefined;
  errno(): number;
}

let loaded: Libc | undefined;

function libc(): Libc {
  loaded ??= loadLibc();
  return loaded;
}

function loadLibc(): Libc {
  const koffi = process.getBuiltinModule("node:module").createRequire(__filename)("koffi") as typeof Koffi;
  const library = koffi.load(process.platform === "darwin" ? "libSystem.B.dylib" : null);
  return {
    flock: library.func("int flock(int fd, int operation)") as Libc["flock"],
    dup2: library.func("int dup2(int from, int to)") as Libc["dup2"],
    poll: library.func("int poll(_Inout_ uint8_t *fds, unsigned long count, int timeout)") as Libc["poll"],
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
