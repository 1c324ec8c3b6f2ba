import { spawn, type ChildProcess } from "node:child_process";
import { userInfo } from "node:os";
import { basename } from "node:path";

import { KEPT_PREFIX } from "../../state/environment.js";
import { keptVariables } from "../../state/kept-variables.js";
import { signalGroup } from "../channel/process-group.js";
import { exactDurationText } from "../../text/duration.js";

export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

export interface LoginEnvironmentOptions {
  /** What the daemon was started with. */
  env: ProcessEnvironment;
  /** How long the login shell may take, ms. */
  boundMs: number;
  /** Called with the reason when the shell's variables could not be read. */
  onFailure(reason: string): void;
}

/**
 * The environment for hosted servers: the daemon's own, overridden by what the user's login shell exports. So a daemon
 * that the desktop started finds the same `npx` and the same keys as a terminal. Never rejects.
 */
export async function loginEnvironment(options: LoginEnvironmentOptions): Promise<Record<string, string>> {
  const own = hostedVariables(options.env);
  const shell = shellOf(options.env);
  try {
    return merge(own, await readFromShell(shell, own, options.boundMs));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    options.onFailure(
      `the login environment could not be read from ${shell}: ${reason}. The daemon's own environment is used instead`,
    );
    return own;
  }
}

/** What hosted servers get of the daemon's own environment; a daemon in the foreground has all of a terminal's. */
function hostedVariables(env: ProcessEnvironment): Record<string, string> {
  const { LOCKSTEP_TRACE: _, ...kept } = keptVariables(env, KEPT_PREFIX);
  return kept;
}

/** The login shell's variables win. Its PATH comes first, followed by the directories that only the daemon's PATH has. */
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

function shellOf(env: ProcessEnvironment): string {
  if (env["SHELL"]) return env["SHELL"];
  try {
    return userInfo().shell ?? "/bin/sh";
  } catch {
    return "/bin/sh"; // The user has no entry in the password database, as in many containers.
  }
}

/** Plain shells have no login mode that is interactive as well, and csh accepts `-l` only alone. */
function flagsOf(shell: string): string {
  const name = basename(shell);
  if (/^(sh|dash|ash|busybox)$/.test(name)) return "-lc";
  return /csh$/.test(name) ? "-ic" : "-ilc";
}

async function readFromShell(
  shell: string,
  env: Record<string, string>,
  boundMs: number,
): Promise<Record<string, string>> {
  // Start-up files print greetings, so only the text between two markers counts.
  const marker = `lockstep-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const script = `printf %s ${marker}; env -0; printf %s ${marker}`;
  // In a session of its own an interactive shell has no terminal whose job control could stop it.
  const child = spawn(shell, [flagsOf(shell), script], {
    env: { ...env, [RESOLVING]: "1" },
    cwd: env["HOME"] ?? "/",
    detached: true,
    stdio: ["ignore", "pipe", "ignore", "ignore"],
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`it did not answer within ${exactDurationText(boundMs)}`)), boundMs);
      let output = "";
      child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
        // The end of the output cannot be waited for: programs that the start-up files started may hold the pipe open.
        const between = output.split(marker);
        if (between.length >= 3) resolve(between[1] ?? "");
        else if (output.length > MAX_OUTPUT) reject(new Error("it printed too much"));
      });
      child.once("error", reject);
      child.once("close", (code) => reject(new Error(`it ended with code ${code} without printing its environment`)));
    });
    return parseEnvironment(answer);
  } finally {
    clearTimeout(timer);
    child.stdout?.destroy();
    killIfStuck(child);
  }
}

/** The shell exits on its own in a moment. If it does not, its whole process group is killed. */
function killIfStuck(child: ChildProcess): void {
  const timer = setTimeout(() => {
    const { pid, exitCode, signalCode } = child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    signalGroup(pid, "SIGKILL");
  }, SHELL_END_MS);
  timer.unref();
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
