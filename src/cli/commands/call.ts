import type { Socket } from "node:net";
import { Readable } from "node:stream";

import type { Ensured } from "../../client/ensure-options.js";
import { Redelivery, type RefusedBy } from "../../client/follow/redelivery.js";
import { deadline } from "../../wire/deadline.js";
import { Peer, PeerClosedError } from "../../wire/peer.js";
import type { Call } from "../call/call.js";
import { callTool, type Outcome } from "../call/call-tool.js";
import { inWords } from "../call/call-errors.js";
import { readCallWords, type CallWords } from "../call/arguments/call-words.js";
import { printAnswer } from "../call/answer/print-answer.js";
import { openSession } from "../daemon/open-session.js";
import { isServerUnknown, reloadDaemon } from "../daemon/reload-daemon.js";
import { InterruptedError } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { errorReport } from "../terminal/error-report.js";
import { endOnInterrupt } from "../terminal/interrupt.js";
import { fail } from "../terminal/program-end.js";
import { LONGEST_BOUND_S, readSeconds } from "../terminal/seconds.js";
import { readStdin } from "../terminal/stdin.js";
import { createTerminal } from "../terminal/terminal.js";
import type { PlainCall } from "../call/plain-call.js";
import type { SentOutcome } from "../call/warm-call.js";
import { questionCapabilities } from "../call/question/can-be-asked.js";
import { WARM_CALL_ID } from "../call/warm-frames.js";

export async function run(invocation: Invocation<"call">): Promise<number> {
  const { positionals, behindDashes, options } = invocation;
  const [server = "", tool = "", ...words] = [...positionals, ...behindDashes];
  const timeoutMs = readSeconds("--timeout", options.timeout, LONGEST_BOUND_S);
  return makeCall(invocation, { server, tool, words: readCallWords(words, readStdin), timeoutMs });
}

/** Finishes a call that the warm path has sent. A call that was sent but not delivered is sent again. */
export async function finishSentCall(plain: PlainCall, outcome: SentOutcome): Promise<number> {
  const { server, tool, json } = plain;
  const words = plainWords(plain);
  const call: Call = { server, tool, words, timeoutMs: undefined };
  if (outcome.state === "interrupted") throw inWords(new InterruptedError("interrupted"), call, outcome.sent);
  if (outcome.state === "lost") {
    throw inWords(new PeerClosedError("the connection ended before it was answered", true), call, true);
  }
  const terminal = createTerminal({ quiet: false, env: process.env });
  const peer = peerOver(outcome.socket);
  using redelivery = new Redelivery();
  try {
    const finished = await callTool(peer, call, terminal, { sentAs: { id: WARM_CALL_ID, frame: outcome.frame } });
    if (finished.state === "answered") return printAnswer(terminal, json, call, finished.answer);
    const daemon = typeof outcome.pid === "number" ? { pid: outcome.pid } : {};
    if (!isServerUnknown(finished.error) && !(await redelivery.isWorthwhile(finished.error, daemon))) {
      throw inWords(finished.error, call, false);
    }
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
  return typeof given === "string" ? { kind: "json", text: given } : readCallWords(given, readStdin);
}

/** A call that was not delivered is sent again, to the next daemon; one that may have been delivered never is. */
async function makeCall(
  how: Pick<Invocation<"call">, "dir" | "json" | "terminal">,
  call: Call,
  redelivery = new Redelivery(),
): Promise<number> {
  endOnInterrupt((error) => fail(error, how.json ? errorReport : undefined));
  using bound = call.timeoutMs === undefined ? undefined : deadline("the call", call.timeoutMs);
  let mayReload = true;
  for (;;) {
    const { outcome, daemon } = await callOnce(how, call, bound?.signal);
    if (outcome.state === "answered") return printAnswer(how.terminal, how.json, call, outcome.answer);
    if (mayReload && isServerUnknown(outcome.error)) {
      // The daemon notices a change of servers.json with a delay.
      mayReload = false;
      await reloadDaemon(specOf(how));
    } else if (!(await isWorthwhile(redelivery, outcome.error, daemon, bound?.signal))) {
      throw inWords(outcome.error, call, false);
    }
  }
}

async function callOnce(
  how: Pick<Invocation<"call">, "dir" | "terminal">,
  call: Call,
  signal: AbortSignal | undefined,
): Promise<{ outcome: Outcome; daemon: RefusedBy }> {
  let session: Ensured;
  try {
    session = await openSession(how, call.server, signal, questionCapabilities());
  } catch (error) {
    if (isServerUnknown(error)) return { outcome: { state: "undelivered", error }, daemon: {} };
    throw inWords(error, call, false);
  }
  try {
    return { outcome: await callTool(session.peer, call, how.terminal, { signal }), daemon: session.identity };
  } finally {
    session.peer.close();
  }
}

async function isWorthwhile(
  redelivery: Redelivery,
  error: unknown,
  daemon: RefusedBy,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (isServerUnknown(error)) return false;
  return redelivery.isWorthwhile(error, daemon, signal).catch(() => false);
}
