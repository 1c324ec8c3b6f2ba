import { spawn, type ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import { basename } from "node:path";

import { KEPT_PREFIX } from "./environment.js";
import { keptVariables } from "./kept-variables.js";
import { systemNetworkVariables, withoutNetwork } from "./network-variables.js";
import { userEntry } from "./user-entry.js";

export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

export interface LoginOptions {
  /** What this process was started with. */
  env: ProcessEnvironment;
  /** Ends the wait, and the shell. */
  signal: AbortSignal;
}

export interface LoginEnvironment {
  env: Record<string, string>;
  /** Why the login shell's own variables are missing; continues "the login environment could not be read". */
  problem: string | undefined;
}

/**
 * The environment for hosted servers: what this process may keep of its own, overridden by what the user's login shell
 * exports. So a daemon that the desktop started finds the same `npx` and the same keys as a terminal. Never rejects.
 */
export async function readLoginEnvironment({ env, signal }: LoginOptions): Promise<LoginEnvironment> {
  const own = ownEnvironment(env);
  // A proxy that one terminal exported is for what it runs, and not for all servers for weeks.
  const lasting = { ...withoutNetwork(own), ...systemNetworkVariables() };
  const shell = shellOf(own);
  const failures: string[] = [];
  for (const attempt of attemptsFor(shell)) {
    try {
      const login = await readFromShell(attempt, lasting, signal);
      const isOther = attempt.shell !== shell && !isNoLogin(shell);
      const problem = isOther ? `from ${failures.join("; ")}. ${attempt.shell} was asked instead` : undefined;
      return { env: merge(lasting, login), problem };
    } catch (error) {
      failures.push(`${attempt.shell} ${attempt.flags}: ${error instanceof Error ? error.message : String(error)}`);
      if (signal.aborted) break;
    }
  }
  return { env: own, problem: `from ${failures.join("; ")}` };
}

/** What hosted servers get without a login shell: nothing that a terminal happened to export. HOME is always set. */
export function ownEnvironment(env: ProcessEnvironment): Record<string, string> {
  const { LOCKSTEP_TRACE: _, ...own } = keptVariables(env, KEPT_PREFIX);
  if (!own["HOME"]) {
    const home = userEntry()?.homedir;
    if (home) own["HOME"] = home;
  }
  return own;
}

/** The login shell's variables win. Its PATH comes first, followed by the directories that only our own PATH has. */
export function merge(own: Record<string, string>, login: Record<string, string>): Record<string, string> {
  const merged = { ...own, ...login };
  for (const name of SHELL_VARIABLES) {
    if (own[name] === undefined) delete merged[name];
    else merged[name] = own[name];
  }
  const path = new Set([...(login["PATH"] ?? "").split(":"), ...(own["PATH"] ?? "").split(":")]);
  path.delete("");
  if (path.size > 0) merged["PATH"] = [...path].join(":");
  return merged;
}

/** Set for the shell's start-up files, so that they can skip what only an interactive user needs. */
const RESOLVING = "LOCKSTEP_RESOLVING_ENVIRONMENT";

/** Variables that describe the shell itself and not the user's settings. */
const SHELL_VARIABLES = ["_", "PWD", "OLDPWD", "SHLVL", RESOLVING];

function shellOf(own: Record<string, string>): string {
  return own["SHELL"] || userEntry()?.shell || PLAIN_SHELL;
}

const PLAIN_SHELL = "/bin/sh";

/** The shell of a user who cannot log in. */
function isNoLogin(shell: string): boolean {
  return /^(nologin|false|true)$/.test(basename(shell));
}

interface Attempt {
  shell: string;
  flags: string;
}

/** An interactive shell's start-up files may replace it by another program; then it is asked without them. */
function attemptsFor(shell: string): Attempt[] {
  const plain = { shell: PLAIN_SHELL, flags: "-lc" };
  const name = basename(shell);
  if (isNoLogin(shell)) return [plain];
  // Plain shells have no login mode that is interactive as well, and csh accepts `-l` only alone.
  if (/^(sh|dash|ash|busybox)$/.test(name)) return shell === PLAIN_SHELL ? [plain] : [{ shell, flags: "-lc" }, plain];
  if (/csh$/.test(name)) return [{ shell, flags: "-ic" }, { shell, flags: "-c" }, plain];
  return [{ shell, flags: "-ilc" }, { shell, flags: "-lc" }, plain];
}

/** The directories of the system's own programs. */
const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

async function readFromShell(
  { shell, flags }: Attempt,
  own: Record<string, string>,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  // Start-up files print greetings, so only the text between two markers counts.
  const marker = `lockstep-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const script = `printf %s ${marker}; env -0; printf %s ${marker}`;
  const home = own["HOME"];
  // In a session of its own an interactive shell has no terminal whose job control could stop it.
  const child = spawn(shell, [flags, script], {
    // As at a login: start-up files add to PATH, and what our own has in front of it must not come first.
    env: { ...own, PATH: SYSTEM_PATH, [RESOLVING]: "1" },
    cwd: home !== undefined && isDirectory(home) ? home : "/",
    detached: true,
    stdio: ["ignore", "pipe", "ignore", "ignore"],
  });
  let onAbort = (): void => undefined;
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      onAbort = () => reject(abortReason(signal));
      if (signal.aborted) onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      let output = "";
      child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
        // The end of the output cannot be waited for: programs that the start-up files started may hold the pipe open.
        const between = output.split(marker);
        if (between.length >= 3) resolve(between[1] ?? "");
        else if (output.length > MAX_OUTPUT) reject(new Error("it printed too much"));
      });
      child.once("error", (error: NodeJS.ErrnoException) =>
        reject(error.code === "ENOENT" ? new Error("there is no such program") : error),
      );
      child.once("close", (code, ended) =>
        reject(new Error(`it ended with ${ended ?? `code ${code}`} without printing its environment`)),
      );
    });
    return parseEnvironment(answer);
  } finally {
    signal.removeEventListener("abort", onAbort);
    child.stdout?.destroy();
    killIfStuck(child, signal.aborted);
  }
}

function abortReason({ reason }: AbortSignal): Error {
  if (!(reason instanceof Error)) return new Error("it was not needed any more");
  return reason.name === "TimeoutError" ? new Error("it did not answer in time") : reason;
}

/** The shell exits on its own in a moment. If it does not, its whole process group is killed. */
function killIfStuck(child: ChildProcess, atOnce: boolean): void {
  const kill = (): void => {
    const { pid, exitCode, signalCode } = child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  };
  if (atOnce) kill();
  else setTimeout(kill, SHELL_END_MS).unref();
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function parseEnvironment(text: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const entry of text.split("\0")) {
    const equals = entry.indexOf("=");
    if (equals > 0) env[entry.slice(0, equals)] = entry.slice(equals + 1);
  }
  if (env["PATH"] === undefined) throw new Error("its environment has no PATH");
  return env;
}

const SHELL_END_MS = 1_000;
const MAX_OUTPUT = 8 * 1024 * 1024;
