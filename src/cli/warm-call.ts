import { lockstepSpec, thisProgram } from "../client/lockstep-spec.js";
import { closeProbe, probeDaemon } from "../client/probe.js";
import { inStep } from "../version/decide.js";
import type { Peer } from "../wire/peer.js";
import { callTool, printAnswer, type Call } from "./call-tool.js";
import { readCallWords } from "./call-words.js";
import { createTerminal } from "./terminal.js";

/** A call in its plainest words, without any option but --json. */
interface PlainCall {
  server: string;
  tool: string;
  words: string[];
  json: boolean;
}

/** Undefined: no call, or one that wants more of the command line read. */
export function readPlainCall(argv: readonly string[]): PlainCall | undefined {
  if (argv[0] !== "call") return undefined;
  const words = argv.slice(1).filter((word) => word !== "--json");
  const [server, tool] = words;
  if (server === undefined || tool === undefined || words.some((word) => word.startsWith("-"))) return undefined;
  return { server, tool, words: words.slice(2), json: words.length < argv.length - 1 };
}

/**
 * The call when a daemon in step runs, which is nearly always: one connection, two round trips, and no module that
 * this does not need. Resolves with the exit code; with a Call when it was not delivered, to be made the long way; with
 * undefined when the long way has to begin, and has everything to say.
 */
export async function makeWarmCall(plain: PlainCall): Promise<number | Call | undefined> {
  const peer = await connectInStep(plain.server);
  if (!peer) return undefined;
  const terminal = createTerminal({ quiet: false, env: process.env });
  const call = { ...plain, words: readCallWords(plain.words, () => ""), timeoutMs: undefined };
  const outcome = await callTool(peer, call, terminal);
  return outcome.state === "answered" ? printAnswer(terminal, plain.json, call, outcome.answer) : call;
}

/** A session on a running daemon that is in step with what is installed. Whatever else there is: undefined. */
async function connectInStep(server: string): Promise<Peer | undefined> {
  try {
    const spec = lockstepSpec(thisProgram());
    const { version, root } = spec.installed();
    const hello = { role: "cli" as const, pid: process.pid, server, heartbeat: true, installRoot: root };
    const probe = await probeDaemon(spec, { clientInfo: { name: "lockstep", version }, hello });
    if (probe.state === "answered" && inStep(probe.identity, spec.installed())) return probe.peer;
    closeProbe(probe);
    return undefined;
  } catch {
    // It happens again on the long way, which has the words for it.
    return undefined;
  }
}
