import { isObject } from "../../wire/message.js";

/** A call without options other than --json. */
export interface PlainCall {
  server: string;
  tool: string;
  /** One JSON object, or `key=value` words that get their types from the tool's schema. */
  arguments: Record<string, unknown> | readonly string[];
  json: boolean;
}

/** Undefined for other commands, and for calls that need the full command line parser. */
export function readPlainCall(argv: readonly string[]): PlainCall | undefined {
  if (argv[0] !== "call") return undefined;
  const [server, tool, ...words] = argv.slice(1).filter((word) => word !== "--json");
  if (server === undefined || tool === undefined) return undefined;
  if ([server, tool, ...words].some((word) => word.startsWith("-"))) return undefined;
  const json = argv.includes("--json");
  if (words.length > 0 && words.every((word) => /^[^{=][^=]*=/.test(word)))
    return { server, tool, arguments: words, json };
  const value = words.length > 1 ? undefined : parseJson(words[0] ?? "{}");
  return isObject(value) ? { server, tool, arguments: value, json } : undefined;
}

/** Undefined if `text` is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
