import { typeArguments } from "./call-arguments.js";
import { readPair } from "./call-words.js";
import { readTools } from "../tools/tool.js";

/**
 * Types `key=value` words by the tool's schema in an answer to tools/list, and returns the arguments as JSON text.
 * Undefined when they are wrong or the tool is not on the first page: the full path reports it. A bundle of its own,
 * which the warm call loads while it waits.
 */
export function typeWords(
  words: readonly string[],
  tool: string,
  listed: Record<string, unknown> | undefined,
): string | undefined {
  const found = readTools(listed?.["tools"]).find(({ name }) => name === tool);
  try {
    return (
      found &&
      typeArguments(
        words.map((word) => readPair(word, noStdin)),
        found.inputSchema,
      )
    );
  } catch {
    return undefined;
  }
}

function noStdin(): never {
  throw new Error("the warm call leaves words that need stdin to the full path");
}
