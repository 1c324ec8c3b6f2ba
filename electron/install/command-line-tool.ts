import { accessSync, constants, lstatSync, mkdirSync, readlinkSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { CommandLineState, Notice } from "../model/app-state.js";
import { tilde } from "../../src/text/tilde.js";
import { judgeLink, type FoundLink, type LinkVerdict } from "./judge-link.js";

/** The link `lockstep` on the PATH: what it leads to, and what decides where it is put. */
export interface CliLink {
  /** The installation's own `bin/lockstep`; undefined in a checkout, which has no such file. */
  program: string | undefined;
  platform: NodeJS.Platform;
  home: string;
  env: NodeJS.ProcessEnv;
}

/** Directories of programs that a package manager has installed. */
const MANAGED_DIRECTORIES = ["/usr/bin", "/bin", "/snap/bin"];
/** Where Homebrew installs: on Apple silicon, and on Intel. */
const HOMEBREW = ["/opt/homebrew", "/usr/local"];

/** Whether the tool is installed, or offered. It is not offered if a package manager has put it on the PATH. */
export function commandLineState(link: CliLink): CommandLineState {
  const { program } = link;
  if (program === undefined || isManaged(program, link)) return "not-offered";
  try {
    return judge(link, program).is === "ours" ? "installed" : "absent";
  } catch {
    // Its directory can't be read. An installation reports why.
    return "absent";
  }
}

/** Links the tool into a directory of the user's. Returns the outcome in words. Throws if the link can't be made. */
export function installTool(link: CliLink): Notice {
  const { program } = link;
  if (program === undefined)
    return { tone: "bad", title: "Nothing was installed", text: "This copy of the app has no command-line tool." };
  const path = linkPath(link);
  const verdict = judge(link, program);
  if (verdict.is === "foreign") {
    const text = `${verdict.what}. To use that name for Lockstep, remove it (rm "${path}") and try again.`;
    return { tone: "bad", title: "The command-line tool was not installed", text };
  }
  const directory = dirname(path);
  if (verdict.is !== "ours") {
    mkdirSync(directory, { recursive: true });
    if (verdict.is === "stale") rmSync(path);
    symlinkSync(program, path);
  }
  const title = "The command-line tool is installed";
  const shown = tilde(path, link.home);
  if (isOnPath(directory, link.env)) return { tone: "ok", title, text: `Type lockstep in a terminal (${shown}).` };
  const text = `${shown} was created, but ${tilde(directory, link.home)} isn't on this app's PATH. If a terminal doesn't find lockstep, add that directory to PATH in ~/.profile and log in again.`;
  return { tone: "warn", title, text };
}

/** Removes the link that `installTool` made, and nothing else. */
export function removeTool(link: CliLink): Notice {
  const { program } = link;
  const path = linkPath(link);
  const title = "The command-line tool was not removed";
  if (program !== undefined && isManaged(program, link)) {
    return { tone: "bad", title, text: "A package manager installed it; remove Lockstep with it." };
  }
  const verdict = program === undefined ? undefined : judge(link, program);
  if (verdict?.is === "foreign") return { tone: "bad", title, text: `${verdict.what}.` };
  rmSync(path, { force: true });
  return { tone: "ok", title: "The command-line tool was removed", text: `${tilde(path, link.home)} was deleted.` };
}

function judge(link: CliLink, program: string): LinkVerdict {
  const path = linkPath(link);
  return judgeLink(path, findLink(path), real(program) ?? program);
}

function linkPath({ platform, home }: CliLink): string {
  const shared = "/usr/local/bin";
  const directory = platform === "darwin" && isWritable(shared) ? shared : join(home, ".local/bin");
  return join(directory, "lockstep");
}

function findLink(path: string): FoundLink {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return { is: "nothing" };
  if (!found.isSymbolicLink()) return { is: "something-else" };
  return { is: "link", target: readlinkSync(path), leadsTo: real(path) };
}

function isManaged(program: string, { env }: CliLink): boolean {
  const ours = real(program) ?? program;
  const inPackage = MANAGED_DIRECTORIES.some((directory) => real(join(directory, "lockstep")) === ours);
  return inPackage || isInCaskroom(env);
}

/** Homebrew links the command line of a cask, and removes the link with the cask. */
function isInCaskroom(env: NodeJS.ProcessEnv): boolean {
  const { HOMEBREW_PREFIX } = env;
  const prefixes = HOMEBREW_PREFIX ? [HOMEBREW_PREFIX, ...HOMEBREW] : HOMEBREW;
  return prefixes.some((prefix) => real(join(prefix, "Caskroom/lockstep-app")) !== undefined);
}

function isOnPath(directory: string, env: NodeJS.ProcessEnv): boolean {
  const wanted = real(directory);
  return (env["PATH"] ?? "").split(delimiter).some((entry) => entry !== "" && real(entry) === wanted);
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
