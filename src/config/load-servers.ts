import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Environment } from "./expand.js";
import { parseServers, type Builtins, type ParsedServers } from "./parse-servers.js";
import { DEFAULT_LIFECYCLE } from "./server-config.js";

export interface ServersFileOptions {
  /** Where `${VAR}` comes from; asked only when the file holds one, since a login environment costs a shell. */
  env: () => Promise<Environment> | Environment;
  /** The directory that holds `memory.mjs`. */
  installRoot: string;
  stateDir: string;
  /** The Node (or Electron) program that runs the builtin servers. */
  execPath: string;
}

export interface LoadedServers extends ParsedServers {
  /** The file's text; undefined when there is no such file. */
  text: string | undefined;
  /** Nothing in the file could be read, so that one who has servers from before should keep them. */
  unreadable: boolean;
}

/**
 * The hosted servers that the file at `path` names. No file at all means the builtin `memory` server. Never throws for
 * what is wrong with the file: `problems` tells it. This module pulls in jsonc-parser; import it lazily.
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
        // The app's own binary is a Node only when told so.
        ...(process.versions["electron"] === undefined ? {} : { ELECTRON_RUN_AS_NODE: "1" }),
      },
    },
  };
}

async function environmentFor(text: string, options: ServersFileOptions): Promise<Environment> {
  // `~/` needs HOME only, and every environment has that.
  return text.includes("${") ? await options.env() : process.env;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
