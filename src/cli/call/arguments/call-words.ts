import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";

import { fileErrorText } from "../../../state/file-error.js";
import { UsageError } from "../../exit-code.js";
import { opensObject, readObjectText } from "../plain-call.js";

/** The arguments after SERVER and TOOL on the command line. */
export type CallWords =
  /** One JSON object, as it was written. */
  | { kind: "json"; text: string }
  /** They get their types from the tool's schema. */
  | { kind: "pairs"; pairs: Pair[] };

export interface Pair {
  key: string;
  text: string;
  /** Written as `key:=…`: the text is JSON, whatever the schema says. */
  json: boolean;
}

/** Reads the words, and the files or stdin that they refer to. Throws UsageError. */
export function readCallWords(words: readonly string[], readStdin: () => Buffer): CallWords {
  const [first, ...more] = words;
  if (first === undefined) return { kind: "json", text: "{}" };
  const whole = first === "-" ? "stdin" : opensObject(first) ? "the argument" : undefined;
  if (whole === undefined) {
    const readStdinOnce = onlyOnce(readStdin);
    return { kind: "pairs", pairs: words.map((word) => readPair(word, readStdinOnce)) };
  }
  if (more.length > 0) {
    throw new UsageError(`${whole} holds all arguments as one JSON object, so "${more[0]}" cannot follow it`);
  }
  return { kind: "json", text: objectText(first === "-" ? textOf(readStdin(), whole) : first, whole) };
}

/** Reads one `key=value` word, and the file or stdin that it refers to. Throws UsageError. */
export function readPair(word: string, readStdin: () => Buffer): Pair {
  const equals = word.indexOf("=");
  const json = equals > 0 && word[equals - 1] === ":";
  const key = word.slice(0, json ? equals - 1 : Math.max(equals, 0));
  if (key === "") {
    throw new UsageError(
      `"${word}" is not an argument: write key=value, key:=JSON, key=@FILE, key=@- for stdin, one JSON object, or -`,
    );
  }
  const text = word.slice(equals + 1);
  if (!text.startsWith("@")) return { key, text, json };
  const source = text.slice(1);
  const bytes = source === "-" ? readStdin() : readFileFor(word, key, source);
  return { key, text: textOf(bytes, word), json };
}

/** The contents of stdin are there only once, so a second word that asks for them is refused. */
function onlyOnce(readStdin: () => Buffer): () => Buffer {
  let wasRead = false;
  return () => {
    if (wasRead) throw new UsageError("stdin can be the value of only one argument");
    wasRead = true;
    return readStdin();
  };
}

function readFileFor(word: string, key: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : fileErrorText(error);
    throw new UsageError(`${word}: ${why}. For a text that begins with @ write ${key}:='"@…"'`, { cause: error });
  }
}

function textOf(bytes: Buffer, source: string): string {
  if (isUtf8(bytes)) return bytes.toString();
  throw new UsageError(`${source}: this is not UTF-8 text. Encode binary data first, for instance as base64`);
}

function objectText(text: string, source: string): string {
  // Some programs begin their output with a byte order mark.
  const json = text.replace(/^\uFEFF/, "");
  const object = readObjectText(json);
  if (object !== undefined) return object;
  throw new UsageError(`${source} ${whyNoObject(json)}`);
}

function whyNoObject(json: string): string {
  try {
    JSON.parse(json);
  } catch (error) {
    return `is not valid JSON: ${(error as Error).message}`;
  }
  return 'must be a JSON object with the arguments: {"key": value}';
}
