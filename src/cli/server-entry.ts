import { readFileSync } from "node:fs";

import { parse } from "jsonc-parser";

import type { ServerEntry } from "../config/edit-servers.js";
import { UsageError } from "./exit-code.js";

/** A server's entry in `servers.json` as it was written; undefined if no server has that name. */
export function readServerEntry(path: string, name: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // Without a file the builtin server is hosted. A file that cannot be read is reported by the edit that follows.
    return name === "memory" ? { lockstep: { builtin: "memory" } } : undefined;
  }
  const root = parse(text, [], { allowTrailingComma: true }) as { mcpServers?: unknown } | undefined;
  const servers = root?.mcpServers;
  if (typeof servers !== "object" || servers === null || !Object.hasOwn(servers, name)) return undefined;
  return (servers as Record<string, unknown>)[name];
}

export interface EntryWords {
  command: readonly string[];
  url: string | undefined;
  header: readonly string[] | undefined;
  env: readonly string[] | undefined;
}

/** Makes an entry from the words of `lockstep add`. Throws UsageError. */
export function entryOf({ command, url, header, env }: EntryWords): ServerEntry {
  const [program, ...args] = command;
  if (url !== undefined && program !== undefined) {
    throw new UsageError("give either a command after -- or a --url, not both");
  }
  if (url !== undefined) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new UsageError(`--url is "${url}": give an http:// or https:// address`);
    }
    if (env) throw new UsageError("--env is for a command; a --url has --header");
    return { url, ...(header && { headers: assignments("--header", header) }) };
  }
  if (program === undefined)
    throw new UsageError("give a command or a URL: lockstep add NAME -- COMMAND ARGS…, or --url URL");
  if (header) throw new UsageError("--header is for a --url; a command has --env");
  return {
    command: program,
    ...(args.length > 0 && { args }),
    ...(env && { env: assignments("--env", env) }),
  };
}

function assignments(option: string, words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf("=");
      // The word may hold a secret, so it is not repeated.
      if (equals < 1) throw new UsageError(`${option} takes KEY=VALUE`);
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}
