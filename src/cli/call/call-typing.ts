import { typeArguments } from "./call-arguments.js";
import { readPair } from "./call-words.js";
import { readToolPage } from "./tool-list.js";

/**
 * The arguments that `key=value` words mean for a tool in a whole tools/list answer. Undefined when they are wrong, or
 * the list goes on: the long way says it better. A bundle of its own, for the warm call to load while it waits.
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
