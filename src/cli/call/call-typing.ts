import { typeArguments } from "./call-arguments.js";
import { readPair } from "./call-words.js";
import { readToolPage } from "./tool-list.js";

/**
 * Types `key=value` words by the tool's schema in a complete tools/list answer. Undefined when they are wrong or the list
 * has further pages: the full path reports it. A bundle of its own, which the warm call loads while it waits.
 */
export function typeWords(
  words: readonly string[],
  tool: string,
  listed: Record<string, unknown> | undefined,
): Record<string, unknown> | undefined {
  const { tools, nextCursor } = readToolPage(listed);
  const found = nextCursor === undefined ? tools.find(({ name }) => name === tool) : undefined;
  try {
    return found && typeArguments(words.map(readPair), found.inputSchema);
  } catch {
    return undefined;
  }
}
