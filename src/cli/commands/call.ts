import type { Socket } from "node:net";
import { Readable } from "node:stream";

import { Redelivery } from "../../client/follow/redelivery.js";
import { Peer, PeerClosedError } from "../../wire/peer.js";
import { callTool, inWords, printAnswer, type Call } from "../call/call-tool.js";
import { readCallWords, type CallWords } from "../call/call-words.js";
import { openSession } from "../daemon/open-session.js";
import type { Invocation } from "../invocation.js";
import { readSeconds } from "../terminal/seconds.js";
import { readStdin } from "../terminal/stdin.js";
import { createTerminal } from "../terminal/terminal.js";
import type { PlainCall } from "../call/plain-call.js";
import type { SentOutcome } from "../call/warm-call.js";
import { WARM_CALL_ID } from "../call/warm-frames.js";

const LONGEST_CALL_S = 1_000_000;

export async function run(invocation: Invocation<"call">): Promise<number> {
  const { positionals, behindDashes, options } = invocation;
  const [server = "", tool = "", ...words] = [...positionals, ...behindDashes];
  const timeoutMs = readSeconds("--timeout", options.timeout, LONGEST_CALL_S);
  return makeCall(invocation, { server, tool, words: readCallWords(words, readStdin), timeoutMs });
}

/** Finishes a call that the warm path has sent. A call that was sent but not delivered is sent again. */
export async function finishSentCall(plain: PlainCall, outcome: SentOutcome): Promise<number> {
  const { server, tool, json } = plain;
  const words = plainWords(plain);
  const call: Call = { server, tool, words, timeoutMs: undefined };
  if (outcome.state === "lost") {
    throw inWords(new PeerClosedError("the connection ended before it was answered", true), call);
  }
  const terminal = createTerminal({ quiet: false, env: process.env });
  const peer = peerOver(outcome.socket);
  using redelivery = new Redelivery();
  try {
    const finished = await callTool(peer, call, terminal, { id: WARM_CALL_ID, frame: outcome.frame });
    if (finished.state === "answered") return printAnswer(terminal, json, call, finished.answer);
    const daemon = typeof outcome.pid === "number" ? { pid: outcome.pid } : {};
    if (!(await redelivery.isWorthwhile(finished.error, daemon))) throw inWords(finished.error, call);
  } finally {
    peer.close();
  }
  return makeCall({ dir: undefined, json, terminal }, call, redelivery);
}

/** A peer over a connection that may be over by now, while what was received on it has not been read yet. */
function peerOver(socket: Socket): Peer {
  if (socket.destroyed) {
    const received = socket.read() as Buffer | null;
    return new Peer(Readable.from(received ? [received] : []), socket);
  }
  const peer = new Peer(socket, socket);
  socket.resume();
  return peer;
}

function plainWords({ arguments: given }: PlainCall): CallWords {
  if (!Array.isArray(given)) return { kind: "json", value: given as Record<string, unknown> };
  return readCallWords(given as string[], readStdin);
}

/** A call that was not delivered is sent again, to the next daemon; one that may have been delivered never is. */
async function makeCall(
  how: Pick<Invocation<"call">, "dir" | "json" | "terminal">,
  call: Call,
  redelivery = new Redelivery(),
): Promise<number> {
  for (;;) {
    const { peer, identity } = await openSession(how, call.server);
    try {
      const outcome = await callTool(peer, call, how.terminal);
      if (outcome.state === "answered") return printAnswer(how.terminal, how.json, call, outcome.answer);
      if (!(await redelivery.isWorthwhile(outcome.error, identity))) throw inWords(outcome.error, call);
    } finally {
      peer.close();
    }
  }
}
