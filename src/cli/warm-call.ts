import { lockstepSpec, thisProgram } from "../client/lockstep-spec.js";
import { closeProbe, probeDaemon } from "../client/probe.js";
import type { Identity, Installed } from "../version/identity.js";
import { isReadableVersion } from "../version/versions.js";
import type { Peer } from "../wire/peer.js";
import { callTool, printAnswer, type Call } from "./call-tool.js";
import { readCallWords } from "./call-words.js";
import { readStdin } from "./stdin.js";
import { createTerminal } from "./terminal.js";

/** A call in its plainest words, without any option but --json. */
export interface PlainCall {
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
  if (server === undefined || tool === undefined || words.some((word) => word !== "-" && word.startsWith("-")))
    return undefined;
  return { server, tool, words: words.slice(2), json: words.length < argv.length - 1 };
}

/**
 * The call when a daemon in step runs, which is nearly always: one connection, two round trips, and no module that
 * this does not need. Resolves with the exit code; with a Call when it was not delivered, to be made the long way; with
 * undefined when the long way has to begin, and has everything to say.
 */
export async function makeWarmCall(plain: PlainCall): Promise<number | (Call & { json: boolean }) | undefined> {
  const peer = await connectInStep(plain.server);
  if (!peer) return undefined;
  const terminal = createTerminal({ quiet: false, env: process.env });
  const call = { ...plain, words: readCallWords(plain.words, readStdin), timeoutMs: undefined };
  peer.notify("notifications/initialized");
  const outcome = await callTool(peer, call, terminal);
  return outcome.state === "answered" ? printAnswer(terminal, plain.json, call, outcome.answer) : call;
}

/** A warm daemon answers in a fraction of a millisecond; one that does not is for the long way, which waits longer. */
const WARM_HANDSHAKE_MS = 1_000;

/** A session on a running daemon of this very installation. Whatever else there is: undefined. */
async function connectInStep(server: string): Promise<Peer | undefined> {
  try {
    const spec = lockstepSpec(thisProgram());
    const installed = spec.installed();
    const hello = { role: "cli" as const, pid: process.pid, server, heartbeat: true, installRoot: installed.root };
    const client = { clientInfo: { name: "lockstep", version: installed.version }, hello };
    const probe = await probeDaemon(spec, client, WARM_HANDSHAKE_MS);
    if (probe.state === "answered" && isOurs(probe.identity, installed)) return probe.peer;
    closeProbe(probe);
    return undefined;
  } catch {
    // It happens again on the long way, which has the words for it.
    return undefined;
  }
}

/** In step beyond any doubt: it runs what is installed here. Whatever takes judging is for the long way. */
function isOurs(daemon: Identity, installed: Installed): boolean {
  return (
    daemon.installRoot === installed.root &&
    daemon.buildId === installed.buildId &&
    daemon.protocol === installed.protocol &&
    daemon.version === installed.version &&
    isReadableVersion(installed.version)
  );
}
