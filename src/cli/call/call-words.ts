import { readFileSync } from "node:fs";

import { fileErrorText } from "../../state/file-error.js";
import { UsageError } from "../exit-code.js";

/** The arguments after SERVER and TOOL on the command line. */
export type CallWords =
  | { kind: "json"; value: Record<string, unknown> }
  /** They get their types from the tool's schema. */
  | { kind: "pairs"; pairs: Pair[] };

export interface Pair {
  key: string;
  text: string;
  /** Written as `key:=…`: the text is JSON, whatever the schema says. */
  json: boolean;
}

/** Reads the words, and the files or stdin that they refer to. Throws UsageError. */
export function readCallWords(words: readonly string[], readStdin: () => string): CallWords {
  const [first, ...more] = words;
  if (first === undefined) return { kind: "json", value: {} };
  const whole = first === "-" ? "stdin" : first.trimStart().startsWith("{") ? "the argument" : undefined;
  if (whole === undefined) return { kind: "pairs", pairs: words.map(readPair) };
  if (more.length > 0) {
    throw new UsageError(`${whole} holds all arguments as one JSON object, so "${more[0]}" cannot follow it`);
  }
  return { kind: "json", value: parseObject(first === "-" ? readStdin() : first, whole) };
}

/** Reads one `key=value` word, and the file that it refers to. Throws UsageError. */
export function readPair(word: string): Pair {
  const equals = word.indexOf("=");
  const json = equals > 0 && word[equals - 1] === ":";
  const key = word.slice(0, json ? equals - 1 : Math.max(equals, 0));
  if (key === "") {
    throw new UsageError(`"${word}" is not an argument: write key=value, key:=JSON, key=@FILE, one JSON object, or -`);
  }
  const text = word.slice(equals + 1);
  if (json || !text.startsWith("@")) return { key, text, json };
  return { key, text: readFileFor(key, text.slice(1)), json };
}

function readFileFor(key: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : fileErrorText(error);
    throw new UsageError(`${key}=@${path}: ${why}. For a text that begins with @ write ${key}:='"@…"'`, {
      cause: error,
    });
  }
}

function parseObject(text: string, source: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${source} is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`${source} must be a JSON object with the arguments: {"key": value}`);
  }
  return value as Record<string, unknown>;
}
