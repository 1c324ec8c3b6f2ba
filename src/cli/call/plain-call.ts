import { isObject } from "../../wire/message.js";

/** A call without options other than --json. */
export interface PlainCall {
  server: string;
  tool: string;
  /** One JSON object as text, or `key=value` words that get their types from the tool's schema. */
  arguments: string | readonly string[];
  json: boolean;
}

/** Undefined for other commands, and for calls that need the full command line parser, a file or stdin. */
export function readPlainCall(argv: readonly string[]): PlainCall | undefined {
  if (argv[0] !== "call") return undefined;
  const [server, tool, ...words] = argv.slice(1).filter((word) => word !== "--json");
  if (server === undefined || tool === undefined) return undefined;
  if ([server, tool, ...words].some((word) => word.startsWith("-"))) return undefined;
  const json = argv.includes("--json");
  const [first = "{}", ...more] = words;
  if (opensObject(first)) {
    const whole = more.length === 0 ? readObjectText(first) : undefined;
    return whole === undefined ? undefined : { server, tool, arguments: whole, json };
  }
  // A pipe behind =@ can be read only once, so those words are left to the way that certainly ends the call.
  return words.every((word) => /^[^=]+=(?!@)/.test(word)) ? { server, tool, arguments: words, json } : undefined;
}

/** True for a word that holds all arguments as one JSON object. */
export function opensObject(word: string): boolean {
  return /^\s*\{/.test(word);
}

/** The JSON object that `text` holds, as text that can be sent; undefined if it holds none. */
export function readObjectText(text: string): string | undefined {
  return isObject(parseJson(text)) ? onOneLine(text) : undefined;
}

/** Valid JSON without line breaks, which can stand only between its tokens: a frame is one line. */
export function onOneLine(json: string): string {
  return json.trim().replace(/[\r\n]+/g, " ");
}

/** Undefined if `text` is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
