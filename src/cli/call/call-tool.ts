import { daemonEnded, wasNeverDelivered } from "../../client/follow/delivery.js";
import { guardStall } from "../../client/follow/stall.js";
import { toOneLine } from "../../text/escape-control-characters.js";
import { ERROR, NOTIFICATION } from "../../wire/control.js";
import { asObject } from "../../wire/message.js";
import type { Peer, RequestProgress, SentRequest } from "../../wire/peer.js";
import { ParamsText } from "../../wire/request-frame.js";
import { RpcError } from "../../wire/rpc-error.js";
import { isServerUnknown } from "../daemon/reload-daemon.js";
import { UsageError } from "../exit-code.js";
import { untilInterrupted } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { typeArguments } from "./arguments/call-arguments.js";
import type { Call } from "./call.js";
import { inWords } from "./call-errors.js";
import { progressLine } from "./call-progress.js";
import { Questions } from "./question/questions.js";
import { parseJson } from "./plain-call.js";
import type { Tool } from "./tools/tool.js";
import { listForCall, refuseUnknownTool, unknownTool } from "./tools/tools-of-call.js";

/** `undelivered`: no server can have run the call, so it may be sent once more. */
export type Outcome =
  { state: "answered"; /** The result as JSON text. */ answer: string } | { state: "undelivered"; error: unknown };

/**
 * Makes the call on a connection after the handshake, in one write with the caller's `notifications/initialized`.
 * `sentAs`: the call was already sent on this connection. `signal` aborts with a DeadlineError.
 * Throws UsageError, ToolError, UnresponsiveError, InterruptedError or OutcomeUnknownError, worded for the user.
 */
export async function callTool(
  peer: Peer,
  call: Call,
  terminal: Terminal,
  { sentAs, signal }: { sentAs?: SentRequest; signal?: AbortSignal | undefined } = {},
): Promise<Outcome> {
  const progress = terminal.errIsTerminal && !terminal.quiet ? progressLine(terminal) : undefined;
  let sent = sentAs !== undefined;
  const questions = new Questions(call.server, terminal, () => progress?.clear());
  const onRequest = questions.onRequest.bind(questions);
  /** Lockstep itself says when it has answered a question in the place of a client that cannot be asked. */
  const onLogMessage = (params: unknown): void => {
    const { logger, data } = asObject(params);
    if (logger !== "lockstep" || typeof data !== "string") return;
    progress?.clear();
    terminal.say(`lockstep: ${toOneLine(data)}`);
  };
  const onNotification = (method: string, params: unknown): void => {
    if (method === "notifications/cancelled") return questions.onCancelled(params);
    if (method === "notifications/message") return onLogMessage(params);
    if (method !== NOTIFICATION.draining) return;
    const { reason, by } = params as { reason?: unknown; by?: unknown };
    progress?.clear();
    const why = toOneLine(`${String(reason)}, asked by ${String(by)}`);
    terminal.say(`lockstep: the daemon is stopping (${why}); waiting for the call`);
  };
  const options = {
    ...(signal && { signal }),
    ...(progress && { onProgress: (step: RequestProgress) => progress.show(step) }),
  };
  const ask = async (): Promise<string> => {
    if (sentAs !== undefined) return peer.adopt(sentAs, "tools/call", options);
    const tools = call.words.kind === "pairs" ? await listForCall(peer, call, signal) : undefined;
    const params = `{"name":${JSON.stringify(call.tool)},"arguments":${argumentsOf(call, tools)}}`;
    sent = true;
    return peer.requestText("tools/call", new ParamsText(params), options);
  };
  const askForKnownTool = async (): Promise<string> => {
    try {
      const answer = await ask();
      if (asObject(parseJson(answer))["isError"] === true) await refuseUnknownTool(peer, call);
      return answer;
    } catch (error) {
      if (error instanceof RpcError && isServersOwn(error)) await refuseUnknownTool(peer, call);
      throw error;
    }
  };
  try {
    const answer = await untilInterrupted(peer, () => guardStall(peer, { onNotification, onRequest }, askForKnownTool));
    return { state: "answered", answer };
  } catch (error) {
    // No server can have run the call: the daemon does not know it.
    if (isServerUnknown(error)) return { state: "undelivered", error };
    // `tools/list` can safely be repeated; only the call itself must not be sent twice.
    if (wasNeverDelivered(error) || (!sent && daemonEnded(error))) return { state: "undelivered", error };
    throw inWords(error, call, sent);
  } finally {
    progress?.clear();
  }
}

/** False for the daemon's own errors, which say nothing about the tool. */
function isServersOwn({ code }: RpcError): boolean {
  return !Object.values<number>(ERROR).includes(code);
}

/** The arguments as JSON text. */
function argumentsOf({ words, server, tool }: Call, tools: Tool[] | undefined): string {
  if (words.kind === "json") return words.text;
  const found = tools?.find(({ name }) => name === tool);
  if (!found) throw unknownTool(server, tool, tools ?? []);
  try {
    return typeArguments(words.pairs, found.inputSchema);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${server} ${tool}: ${error.message}\nsee: lockstep tools ${server}`, { cause: error });
  }
}
