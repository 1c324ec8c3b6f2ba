import { existsSync, lstatSync, utimesSync } from "node:fs";
import { hostname } from "node:os";

import { DirectoryError, type StatePaths } from "../state/directory.js";
import { fileErrorText } from "../state/file-error.js";
import type { FileLock } from "../state/lock.js";
import { writeChildren, type RecordedChild } from "../state/orphans.js";
import { processStartTime } from "../state/platform/processes.js";
import { readRecordedDaemon } from "../state/recorded-daemon.js";
import { readIfThere, unlinkIfPossible, writeWhole } from "../state/whole-file.js";
import type { DaemonHello } from "../wire/control.js";
import { holdsLock } from "./lifetime-lock.js";

/**
 * The files of a running daemon: `serve.sock`, `serve.pid`, `serve.json` and `children.json`. They belong to whichever
 * daemon holds `daemon.lock`. Once that file was removed or replaced, another daemon may have taken the lock and written
 * files of its own, so from then on nothing here is written or removed.
 */
export class OwnFiles {
  readonly #paths: StatePaths;
  readonly #lock: FileLock;
  readonly #identity: DaemonHello & { version: string };
  #socketInode: bigint | undefined;
  #displaced = false;
  #life: { state: "running" } | { state: "draining"; deadlineMs: number } = { state: "running" };
  #children: readonly RecordedChild[] = [];
  #childrenWritten = true;

  constructor(paths: StatePaths, lock: FileLock, identity: DaemonHello & { version: string }) {
    this.#paths = paths;
    this.#lock = lock;
    this.#identity = identity;
  }

  /**
   * Writes `serve.pid` (decimal and a newline, as shells and other daemons expect it) and `serve.json`, once the socket
   * with this inode is in place. Throws DirectoryError if it cannot: without them no client could prove which process the
   * daemon is.
   */
  publish(socketInode: bigint): void {
    this.#socketInode = socketInode;
    this.#write(this.#paths.pid, () => writeWhole(this.#paths.pid, OWN_PID));
    this.#write(this.#paths.identity, () => this.#writeIdentity());
  }

  /**
   * To be called with every heartbeat, of the time `at`: sets the mtime of `serve.pid`, which shows the heartbeat even to
   * clients without a connection. Writes again what was removed, or could not be written when the disk was full.
   */
  refresh(at: Date): void {
    if (!this.#areOurs()) return;
    try {
      if (!existsSync(this.#paths.pid)) writeWhole(this.#paths.pid, OWN_PID);
      utimesSync(this.#paths.pid, at, at);
      if (!existsSync(this.#paths.identity)) this.#writeIdentity();
      if (!this.#childrenWritten) this.#writeChildren();
    } catch {
      // Read-only, or still full. Neither needs the daemon to end, and the next heartbeat tries again.
    }
  }

  /** Records the end in `serve.json`, for clients that can no longer connect. `deadlineMs`: epoch ms, of the drain time. */
  markDraining(deadlineMs: number): void {
    this.#life = { state: "draining", deadlineMs };
    if (!this.#areOurs()) return;
    try {
      this.#writeIdentity();
    } catch {
      // On a full disk the drain goes on without it.
    }
  }

  /**
   * Records the hosted servers that run now, so that the next daemon can end what a crash leaves behind. Throws
   * DirectoryError if it cannot; it is tried again with the next heartbeat.
   */
  recordChildren(children: readonly RecordedChild[]): void {
    this.#children = children;
    if (this.#areOurs()) this.#write(this.#paths.children, () => this.#writeChildren());
  }

  /**
   * Which file was removed or replaced, so that new clients cannot find this daemon; undefined if none was. Throws if
   * that cannot be found out, for instance because the installation with the libc binding is gone.
   */
  lost(): string | undefined {
    if (!holdsLock(this.#lock)) this.#displaced = true;
    if (this.#displaced) return this.#paths.daemonLock;
    return this.#socketIsOurs() ? undefined : this.#paths.socket;
  }

  /** Removes what is still ours. The lock file stays, since a lock on a removed file excludes no process. */
  unlink(): void {
    if (!this.#areOurs()) return;
    if (this.#socketIsOurs()) unlinkIfPossible(this.#paths.socket);
    if (readIfThere(this.#paths.pid) === OWN_PID) unlinkIfPossible(this.#paths.pid);
    if (readRecordedDaemon(this.#paths)?.pid === process.pid) unlinkIfPossible(this.#paths.identity);
    // What is left is for the next daemon to end.
    if (this.#children.length === 0) unlinkIfPossible(this.#paths.children);
  }

  /** Two stats and, unlike `lost`, no call into libc: cheap enough to precede every write. */
  #areOurs(): boolean {
    try {
      if (!this.#lock.stillInPlace()) this.#displaced = true;
    } catch {
      // A directory that cannot be read now cannot be written either.
      return false;
    }
    return !this.#displaced;
  }

  #socketIsOurs(): boolean {
    return lstatSync(this.#paths.socket, { bigint: true, throwIfNoEntry: false })?.ino === this.#socketInode;
  }

  #write(path: string, write: () => void): void {
    try {
      write();
    } catch (cause) {
      throw new DirectoryError(`cannot write ${path}: ${fileErrorText(cause)}`, { cause });
    }
  }

  #writeIdentity(): void {
    const startTime = processStartTime(process.pid);
    // The directory may be on a network file system, where other machines read this.
    const identity = { ...this.#identity, startTime, host: hostname(), ...this.#life };
    writeWhole(this.#paths.identity, `${JSON.stringify(identity)}\n`);
  }

  #writeChildren(): void {
    this.#childrenWritten = false;
    writeChildren(this.#paths, this.#children);
    this.#childrenWritten = true;
  }
}

const OWN_PID = `${process.pid}\n`;
