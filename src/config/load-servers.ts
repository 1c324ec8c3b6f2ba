import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Environment } from "./expand.js";
import { parseServers, type ParsedServers } from "./parse-servers.js";
import type { Builtins } from "./read-entry.js";
import { DEFAULT_LIFECYCLE } from "./server-config.js";

export interface ServersFileOptions {
  /** The values of `${VAR}`. Called only if the file contains one, since a login environment takes a shell to read. */
  env: () => Promise<Environment> | Environment;
  /** The directory of `memory.mjs`. */
  installRoot: string;
  stateDir: string;
  /** The Node (or Electron) program that runs the builtin servers. */
  execPath: string;
}

export interface LoadedServers extends ParsedServers {
  /** The file's text; undefined if the file is missing. */
  text: string | undefined;
  /** True if no part of the file could be read: the servers that were loaded before should then be kept. */
  unreadable: boolean;
}

/**
 * Loads the hosted servers that the file at `path` configures; a missing file means the builtin `memory` server. Whatever
 * is wrong with the file is returned in `problems`. Loads jsonc-parser, so import this module when it is needed.
 */
export async function loadServers(path: string, options: ServersFileOptions): Promise<LoadedServers> {
  const builtins = builtinServers(options);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return noFile(builtins);
    const problem = { severity: "error", line: 1, column: 1, message: `cannot be read: ${reasonOf(error)}` } as const;
    return { servers: new Map(), disabled: [], problems: [problem], text: undefined, unreadable: true };
  }
  if (text.startsWith("\uFEFF")) text = text.slice(1);
  const parsed = parseServers(text, await environmentFor(text, options), builtins);
  const unreadable = parsed.problems.some(({ severity, name }) => severity === "error" && name === undefined);
  return { ...parsed, text, unreadable };
}

function noFile(builtins: Builtins): LoadedServers {
  const servers: LoadedServers["servers"] = new Map();
  for (const [name, builtin] of Object.entries(builtins)) {
    servers.set(name, { kind: "stdio", ...builtin, cwd: undefined, ...DEFAULT_LIFECYCLE });
  }
  return { servers, disabled: [], problems: [], text: undefined, unreadable: false };
}

function builtinServers({ installRoot, stateDir, execPath }: ServersFileOptions): Builtins {
  return {
    memory: {
      command: execPath,
      args: [join(installRoot, "memory.mjs")],
      env: {
        MEMORY_FILE_PATH: join(stateDir, "memory.jsonl"),
        // The app's binary runs as Node only with this variable.
        ...(process.versions["electron"] === undefined ? {} : { ELECTRON_RUN_AS_NODE: "1" }),
      },
    },
  };
}

async function environmentFor(text: string, options: ServersFileOptions): Promise<Environment> {
  // `~/` needs only HOME, which is the same in every environment.
  return text.includes("${") ? await options.env() : process.env;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
