import { callTool, inWords, printAnswer, type Call } from "../call-tool.js";
import { readCallWords } from "../call-words.js";
import { openSession } from "../daemon-session.js";
import type { Invocation } from "../invocation.js";
import { readSeconds } from "../seconds.js";
import { readStdin } from "../stdin.js";

const LONGEST_CALL_S = 1_000_000;

export async function run(invocation: Invocation<"call">): Promise<number> {
  const { positionals, behindDashes, options } = invocation;
  const [server = "", tool = "", ...words] = [...positionals, ...behindDashes];
  const timeoutMs = readSeconds("--timeout", options.timeout, LONGEST_CALL_S);
  return makeCall(invocation, { server, tool, words: readCallWords(words, readStdin), timeoutMs }, 2);
}

/** What no daemon took over is sent once more, to the next one; what one may have taken over never is. */
export async function makeCall(
  how: Pick<Invocation<"call">, "dir" | "json" | "terminal">,
  call: Call,
  attempts: number,
): Promise<number> {
  for (let left = attempts; ; left--) {
    const { peer } = await openSession(how, call.server);
    try {
      const outcome = await callTool(peer, call, how.terminal);
      if (outcome.state === "answered") return printAnswer(how.terminal, how.json, call, outcome.answer);
      if (left <= 1) throw inWords(outcome.error, call);
    } finally {
      peer.close();
    }
  }
}
