import type { ChildProcess } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readSync, fstatSync } from "node:fs";
import { isAbsolute } from "node:path";

import { DirectoryError } from "../../state/directory.js";
import { fileErrorText } from "../../state/file-error.js";
import type { FileLock } from "../../state/lock.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { LifecycleError } from "../lifecycle-errors.js";

/** What one daemon is told when it is launched. */
export interface Launch {
  /** Who starts it: `cli (pid 812)`. */
  launcher: string;
  restartReason: string | undefined;
  /** Its lifetime lock, to be handed over. */
  lock: FileLock | undefined;
  /** The version that it shall give, in tests; no spawn hands one on unless it was asked to here. */
  testVersion?: string | undefined;
}

/** A daemon that was just launched, until it listens. */
export interface LaunchedProcess {
  pid: number;
  /** Resolves if it ends before it is let go, with its exit code or signal. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** What it wrote to the log so far, its last lines. */
  lastLines(): string;
  /** From here on its end is no concern of ours. */
  letGo(): void;
}

/**
 * Descriptors up to this number are /dev/null in the child. Node's own are closed in a child anyway, and so are nearly
 * all that it inherited; Electron's main process leaks dozens of its own. Each one costs the spawn some time.
 */
const SEALED_UP_TO = process.versions["electron"] === undefined ? 32 : 256;
/** The inherited descriptor that carries `daemon.lock`. */
const LOCK_FD = 3;

/**
 * Spawns the installed daemon, detached in its own session, with its output appended to the log. A held `lock` is
 * handed over: flock belongs to the open file description, so the daemon holds the lock before its first instruction
 * and nobody can come in between. Throws an Error that names the command when it cannot be run.
 */
export async function launchProcess(spec: DaemonSpec, launch: Launch): Promise<LaunchedProcess> {
  const { spawn } = await import("node:child_process");
  const { file, args, env } = spec.command(launch.launcher);
  requireProgram(file);
  const log = openLog(spec.paths.log);
  const devNull = openSync("/dev/null", "r+");
  const logStart = fstatSync(log).size;
  let child: ChildProcess;
  try {
    const sealed: number[] = Array<number>(SEALED_UP_TO - LOCK_FD).fill(devNull);
    if (launch.lock) sealed[0] = launch.lock.fd;
    child = spawn(file, args, {
      cwd: spec.paths.dir,
      env: launchEnvironment(spec, env, launch),
      detached: true,
      stdio: ["ignore", log, log, ...sealed],
    });
  } finally {
    closeSync(devNull);
    closeSync(log);
  }
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  await started(child, file);
  return {
    pid: child.pid ?? 0,
    exited,
    lastLines: () => readFrom(spec.paths.log, logStart),
    letGo: () => {
      child.removeAllListeners();
      child.unref();
    },
  };
}

/** What the spec gives, less what no daemon may inherit, plus what this one is told. Pure. */
export function launchEnvironment(
  spec: Pick<DaemonSpec, "variables" | "lifetimeLock">,
  env: NodeJS.ProcessEnv,
  launch: { restartReason: string | undefined; lock: unknown; testVersion?: string | undefined },
): NodeJS.ProcessEnv {
  const { testVersion, restartReason } = spec.variables;
  const told: NodeJS.ProcessEnv = { ...env };
  delete told[testVersion];
  if (launch.testVersion !== undefined) told[testVersion] = launch.testVersion;
  delete told[restartReason];
  if (launch.restartReason !== undefined) told[restartReason] = launch.restartReason;
  if (spec.lifetimeLock) {
    delete told[spec.lifetimeLock.fdVariable];
    if (launch.lock) told[spec.lifetimeLock.fdVariable] = String(LOCK_FD);
  }
  return told;
}

function openLog(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (cause) {
    throw new DirectoryError(`cannot write ${path}: ${fileErrorText(cause)}`, { cause });
  }
}

/** A child cannot say that its program is not there: what it would say it on is one of the sealed descriptors. */
function requireProgram(file: string): void {
  if (!isAbsolute(file)) return;
  try {
    accessSync(file, constants.X_OK);
  } catch (cause) {
    throw new LifecycleError(
      `cannot run ${file}: ${fileErrorText(cause)}; it was removed, or is being replaced right now: run the command again, or reinstall`,
      { cause },
    );
  }
}

function started(child: ChildProcess, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => reject(new Error(`cannot run ${file}: ${fileErrorText(cause)}`, { cause })));
  });
}

const TAIL_BYTES = 4_096;

function readFrom(path: string, start: number): string {
  const fd = openSync(path, "r");
  try {
    const size = fstatSync(fd).size;
    const from = Math.max(start, size - TAIL_BYTES);
    const tail = Buffer.alloc(Math.max(0, size - from));
    readSync(fd, tail, 0, tail.length, from);
    return tail.toString("utf8").trimEnd();
  } finally {
    closeSync(fd);
  }
}
