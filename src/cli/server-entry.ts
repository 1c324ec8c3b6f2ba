import type { ServerEntry } from "../config/edit-servers.js";
import { problemWithHeader } from "../config/server-config.js";
import { UsageError } from "./exit-code.js";

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
    return { url, ...(header && { headers: headersOf(header) }) };
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

/** `Name=value`, or `Name: value` as in HTTP and for curl; the first of both signs counts. */
function headersOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value = ""] = /^\s*([^:=]*?)\s*[:=]\s*(.*)$/s.exec(word) ?? [];
      // The word may hold a secret, so it is not repeated.
      if (name === undefined) throw new UsageError('--header takes NAME=VALUE or "NAME: VALUE"');
      const problem = problemWithHeader(name, value.trim());
      if (problem !== undefined) throw new UsageError(`--header ${name === "" ? "" : `"${name}" `}${problem}`);
      return [name, value.trim()];
    }),
  );
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
