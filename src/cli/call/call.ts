import type { CallWords } from "./arguments/call-words.js";

/** One call, as the user wrote it. */
export interface Call {
  server: string;
  tool: string;
  words: CallWords;
  /** The bound of everything together: connecting, listing the tools, and the call itself. */
  timeoutMs: number | undefined;
}
