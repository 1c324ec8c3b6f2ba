import { readFileSync } from "node:fs";

import { parse } from "jsonc-parser";

import type { ServerEntry } from "../config/edit-servers.js";
import { UsageError } from "./exit-code.js";

/** A server's entry as it stands in `servers.json`; undefined when there is none of that name. */
export function readServerEntry(path: string, name: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // No file at all means the builtin server; one that cannot be read is for the edit itself to refuse.
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

/** The entry that the words of `lockstep add` mean. Throws UsageError. Pure. */
export function entryOf({ command, url, header, env }: EntryWords): ServerEntry {
  const [program, ...args] = command;
  if (url !== undefined && program !== undefined) {
    throw new UsageError("a server is either a command behind -- or a --url, not both");
  }
  if (url !== undefined) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new UsageError(`--url is "${url}": give an http:// or https:// address`);
    }
    if (env) throw new UsageError("--env is for a command; a --url has --header");
    return { url, ...(header && { headers: assignments("--header", header) }) };
  }
  if (program === undefined) throw new UsageError("what is to run? lockstep add NAME -- COMMAND ARGS…, or --url URL");
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
