import type { ChildProcess } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readSync, fstatSync } from "node:fs";
import { isAbsolute } from "node:path";

import { DirectoryError } from "../../state/directory.js";
import { characterStart } from "../../log/utf8-edges.js";
import { fileErrorText } from "../../state/file-error.js";
import { sealDescriptors } from "../../state/platform/libc.js";
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
  /** Another program's socket is where the daemon's will be. */
  takesOver?: boolean;
  /** Called as soon as the process runs. */
  onLaunched?: (pid: number) => void;
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
  let child: ChildProcess;
  let logStart: number;
  try {
    logStart = fstatSync(log).size;
    using _sealed = sealDescriptors();
    child = spawn(file, args, {
      cwd: spec.paths.dir,
      env: launchEnvironment(spec, env, launch),
      detached: true,
      stdio: launch.lock ? ["ignore", log, log, launch.lock.fd] : ["ignore", log, log],
    });
  } finally {
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

/** What was logged since the launch, its end if that is long; empty if the log is gone by now. */
function readFrom(path: string, start: number): string {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return "";
  }
  try {
    const size = fstatSync(fd).size;
    const from = Math.max(start, size - TAIL_BYTES);
    const tail = Buffer.alloc(Math.max(0, size - from));
    const bytes = readSync(fd, tail, 0, tail.length, from);
    const read = tail.subarray(0, bytes);
    return read
      .subarray(from === start ? 0 : characterStart(read, 0))
      .toString("utf8")
      .trimEnd();
  } finally {
    closeSync(fd);
  }
}
