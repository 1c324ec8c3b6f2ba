import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { userEntry } from "../state/user-entry.js";

import type { Builtins } from "./entry/context.js";
import type { Environment } from "./expand.js";
import { parseServers, type ParsedServers } from "./parse-servers.js";
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
  /** The `envFile`s that were read or looked for, as absolute paths. */
  envFiles: string[];
}

/**
 * Loads the hosted servers that the file at `path` configures; a missing file means the builtin `memory` server. Whatever
 * is wrong with the file is returned in `problems`. Loads jsonc-parser, so import this module when it is needed.
 */
export async function loadServers(path: string, options: ServersFileOptions): Promise<LoadedServers> {
  const builtins = builtinServers(options);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return noFile(builtins);
    return unreadable(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isUtf8(bytes)) return unreadable("is not UTF-8 text. Save it with the encoding UTF-8");
  const text = bytes.toString().replace(/^\uFEFF/, "");
  const env = await environmentFor(text, options);
  const envFiles: string[] = [];
  const parsed = parseServers(text, {
    env,
    home: env["HOME"] || userEntry()?.homedir,
    builtins,
    directory: dirname(path),
    readEnvFile: (file) => {
      envFiles.push(file);
      return readFileSync(file, "utf8");
    },
  });
  const isWhole = parsed.problems.every(({ severity, name }) => severity !== "error" || name !== undefined);
  return { ...parsed, text, unreadable: !isWhole, envFiles };
}

function unreadable(message: string): LoadedServers {
  const problem = { severity: "error", line: 1, column: 1, message } as const;
  return { servers: new Map(), disabled: [], problems: [problem], text: undefined, unreadable: true, envFiles: [] };
}

function noFile(builtins: Builtins): LoadedServers {
  const servers: LoadedServers["servers"] = new Map();
  for (const [name, builtin] of Object.entries(builtins)) {
    servers.set(name, { kind: "stdio", cwd: undefined, ...DEFAULT_LIFECYCLE, ...builtin });
  }
  return { servers, disabled: [], problems: [], text: undefined, unreadable: false, envFiles: [] };
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
      // It reads its whole file, changes it and writes it back: of calls that overlap it would keep one.
      concurrency: 1,
    },
  };
}

async function environmentFor(text: string, options: ServersFileOptions): Promise<Environment> {
  // `~/` needs only HOME, which is the same in every environment.
  return text.includes("${") ? await options.env() : process.env;
}
