import type { ChildProcess } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readSync, fstatSync } from "node:fs";
import { isAbsolute } from "node:path";

import { DirectoryError } from "../../state/directory.js";
import { fileErrorText } from "../../state/file-error.js";
import type { FileLock } from "../../state/lock.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { LifecycleError } from "../lifecycle-errors.js";

/** What is particular to one launch. */
export interface Launch {
  /** Who starts it: `cli (pid 812)`. */
  launcher: string;
  restartReason: string | undefined;
  /** The daemon's lifetime lock, to be handed over. */
  lock: FileLock | undefined;
  /** The version that the daemon reports, in tests. Without it, a version from the environment is not passed on. */
  testVersion?: string | undefined;
}

/** A daemon that was launched and does not listen yet. */
export interface LaunchedProcess {
  pid: number;
  /** Resolves with the exit code or signal if the process ends before `letGo`. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** The last lines that were written to the log since the launch. */
  lastLines(): string;
  /** Stops watching it, so that this process can end before the daemon does. */
  letGo(): void;
}

/**
 * Descriptors below this number are /dev/null in the child. Node closes its own, and nearly all inherited ones, but
 * Electron's main process leaks dozens. Each replaced descriptor costs the spawn some time.
 */
const SEALED_UP_TO = process.versions["electron"] === undefined ? 32 : 256;
/** The inherited descriptor that carries `daemon.lock`. */
const LOCK_FD = 3;

/**
 * Runs the installed daemon as a process in a session of its own, with its output appended to the log. `launch.lock` is
 * handed over: flock belongs to the open file description, so the daemon holds the lock before its first instruction,
 * and no other process can take it in between. Throws an Error with the command when it cannot be run.
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

/** The spec's environment without variables of other launches, and with those of this one. */
export function launchEnvironment(
  spec: Pick<DaemonSpec, "variables" | "lifetimeLock">,
  env: NodeJS.ProcessEnv,
  launch: { restartReason: string | undefined; lock: unknown; testVersion?: string | undefined },
): NodeJS.ProcessEnv {
  const { testVersion, restartReason } = spec.variables;
  const variables: NodeJS.ProcessEnv = { ...env };
  delete variables[testVersion];
  if (launch.testVersion !== undefined) variables[testVersion] = launch.testVersion;
  delete variables[restartReason];
  if (launch.restartReason !== undefined) variables[restartReason] = launch.restartReason;
  if (spec.lifetimeLock) {
    delete variables[spec.lifetimeLock.fdVariable];
    if (launch.lock) variables[spec.lifetimeLock.fdVariable] = String(LOCK_FD);
  }
  return variables;
}

function openLog(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (cause) {
    throw new DirectoryError(`cannot write ${path}: ${fileErrorText(cause)}`, { cause });
  }
}

/** Checked first, since the child has no descriptor on which it could report that its program is missing. */
function requireProgram(file: string): void {
  if (!isAbsolute(file)) return;
  try {
    accessSync(file, constants.X_OK);
  } catch (cause) {
    throw new LifecycleError(
      `cannot run ${file}: ${fileErrorText(cause)}; it was removed or is being replaced: run the command again, or reinstall`,
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
