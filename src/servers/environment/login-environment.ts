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
  /** Told why the shell's variables could not be had. */
  onFailure(reason: string): void;
}

/**
 * The environment for hosted servers: the daemon's own, and over it what the user's login shell sets, so that a daemon
 * which the desktop started finds the same `npx` and the same keys as a terminal does. Never rejects.
 */
export async function loginEnvironment(options: LoginEnvironmentOptions): Promise<Record<string, string>> {
  const own = hostedVariables(options.env);
  const shell = shellOf(options.env);
  try {
    return merge(own, await askShell(shell, own, options.boundMs));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    options.onFailure(
      `the login environment could not be read from ${shell}: ${reason}. The daemon's own is used instead`,
    );
    return own;
  }
}

/** What hosted servers get of the daemon's own environment; a daemon in the foreground has all of a terminal's. */
function hostedVariables(env: ProcessEnvironment): Record<string, string> {
  const { LOCKSTEP_TRACE: _, ...kept } = keptVariables(env, KEPT_PREFIX);
  return kept;
}

/** The login shell's variables win; its PATH comes first, and what only the daemon's PATH has follows. */
export function merge(own: Record<string, string>, login: Record<string, string>): Record<string, string> {
  const merged = { ...own, ...login };
  for (const name of OF_THE_SHELL) {
    if (own[name] === undefined) delete merged[name];
    else merged[name] = own[name];
  }
  const path = new Set([...(login["PATH"] ?? "").split(":"), ...(own["PATH"] ?? "").split(":")]);
  path.delete("");
  if (path.size > 0) merged["PATH"] = [...path].join(":");
  return merged;
}

/** Set for the shell's start-up files, which may leave out what only a person needs. */
const RESOLVING = "LOCKSTEP_RESOLVING_ENVIRONMENT";

/** What a shell says about itself rather than about the user. */
const OF_THE_SHELL = ["_", "PWD", "OLDPWD", "SHLVL", RESOLVING];

function shellOf(env: ProcessEnvironment): string {
  if (env["SHELL"]) return env["SHELL"];
  try {
    return userInfo().shell ?? "/bin/sh";
  } catch {
    return "/bin/sh"; // A user without an entry in the password database, as containers have.
  }
}

/** Plain shells know no login shell that is interactive as well, and csh takes `-l` only alone. */
function flagsOf(shell: string): string {
  const name = basename(shell);
  if (/^(sh|dash|ash|busybox)$/.test(name)) return "-lc";
  return /csh$/.test(name) ? "-ic" : "-ilc";
}

async function askShell(shell: string, env: Record<string, string>, boundMs: number): Promise<Record<string, string>> {
  // Start-up files print greetings: only what stands between two markers counts.
  const marker = `lockstep-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const script = `printf %s ${marker}; env -0; printf %s ${marker}`;
  // A session of its own, so that an interactive shell cannot stop itself over a terminal that is not its own.
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
        // Not its end: something that the start-up files left running may hold the pipe open.
        const between = output.split(marker);
        if (between.length >= 3) resolve(between[1] ?? "");
        else if (output.length > MAX_OUTPUT) reject(new Error("it printed too much"));
      });
      child.once("error", reject);
      child.once("close", (code) => reject(new Error(`it ended with code ${code} and without an answer`)));
    });
    return parseEnvironment(answer);
  } finally {
    clearTimeout(timer);
    child.stdout?.destroy();
    endLater(child);
  }
}

/** The shell goes by itself in a moment. One that does not is ended, with all that it started and that did not detach. */
function endLater(child: ChildProcess): void {
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
  if (env["PATH"] === undefined) throw new Error("its answer has no PATH");
  return env;
}

const SHELL_END_MS = 1_000;
const MAX_OUTPUT = 8 * 1024 * 1024;
