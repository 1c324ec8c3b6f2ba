import { asOutcomeUnknown, wasNeverDelivered } from "../../client/follow/delivery.js";
import { guardStall } from "../../client/follow/stall.js";
import { ERROR, NOTIFICATION } from "../../wire/control.js";
import {
  PeerClosedError,
  RequestTimeoutError,
  type Peer,
  type RequestProgress,
  type SentRequest,
} from "../../wire/peer.js";
import { RpcError } from "../../wire/rpc-error.js";
import { typeArguments } from "./call-arguments.js";
import { progressLine } from "./call-progress.js";
import type { CallWords } from "./call-words.js";
import { EXIT, ToolError, UsageError } from "../exit-code.js";
import { escapeControlCharacters } from "../../text/escape-control-characters.js";
import { untilInterrupted } from "../terminal/interrupt.js";
import { saveAttachment } from "./saved-attachment.js";
import { didYouMean } from "../../text/suggest.js";
import type { Terminal } from "../terminal/terminal.js";
import { listTools, type Tool } from "./tool-list.js";
import { readToolResult, resultText } from "./tool-result.js";
import { exactDurationText } from "../../text/duration.js";

/** One call, as the user wrote it. */
export interface Call {
  server: string;
  tool: string;
  words: CallWords;
  timeoutMs: number | undefined;
}

/** `undelivered`: no server can have run the call, so it may be sent once more. */
export type Outcome = { state: "answered"; answer: unknown } | { state: "undelivered"; error: unknown };

/**
 * Makes the call on a connection after the handshake, in one write with the caller's `notifications/initialized`.
 * `sentAs`: the call was already sent on this connection.
 * Throws UsageError, ToolError, UnresponsiveError, InterruptedError or OutcomeUnknownError, worded for the user.
 */
export async function callTool(peer: Peer, call: Call, terminal: Terminal, sentAs?: SentRequest): Promise<Outcome> {
  const progress = terminal.errIsTerminal && !terminal.quiet ? progressLine(terminal) : undefined;
  let sent = sentAs !== undefined;
  const onNotification = (method: string, params: unknown): void => {
    if (method !== NOTIFICATION.draining) return;
    const { reason, by } = params as { reason?: unknown; by?: unknown };
    progress?.clear();
    terminal.say(`lockstep: the daemon is stopping (${String(reason)}, asked by ${String(by)}); waiting for the call`);
  };
  const options = {
    ...(call.timeoutMs !== undefined && { timeoutMs: call.timeoutMs }),
    ...(progress && { onProgress: (step: RequestProgress) => progress.show(step) }),
  };
  const ask = async (): Promise<Outcome> => {
    if (sentAs !== undefined) {
      const request = peer.adopt(sentAs, "tools/call", options);
      return { state: "answered", answer: await refusingUnknownTool(peer, call, request) };
    }
    const tools = call.words.kind === "pairs" ? await listTools(peer) : undefined;
    const params = { name: call.tool, arguments: argumentsOf(call, tools) };
    sent = true;
    const request = peer.request("tools/call", params, options);
    return { state: "answered", answer: tools ? await request : await refusingUnknownTool(peer, call, request) };
  };
  try {
    return await untilInterrupted(peer, () => guardStall(peer, { onNotification }, ask));
  } catch (error) {
    // `tools/list` can safely be repeated; only the call itself must not be sent twice.
    if (wasNeverDelivered(error) || (!sent && hungUp(error))) return { state: "undelivered", error };
    throw inWords(error, call);
  } finally {
    progress?.clear();
  }
}

/** Prints the answer as text or JSON; returns the exit code. */
export function printAnswer(terminal: Terminal, json: boolean, { tool }: Call, answer: unknown): number {
  const result = readToolResult(answer);
  if (json) terminal.printJson(answer);
  else {
    const text = resultText(result, (data, type) => saveAttachment(tool, data, type));
    terminal.write(terminal.outIsTerminal ? escapeControlCharacters(text) : text);
  }
  return result.isError ? EXIT.toolError : EXIT.done;
}

/** The error of a failed call, worded for the user. */
export function inWords(error: unknown, { server, tool, timeoutMs }: Call): unknown {
  const what = `${server} ${tool}`;
  if (error instanceof RequestTimeoutError) {
    return new Error(
      `${what}: no answer within ${exactDurationText(timeoutMs ?? 0)}, so the call was cancelled; outcome unknown: check whether it took effect before you repeat it`,
      { cause: error },
    );
  }
  if (error instanceof RpcError) return answerInWords(error, what);
  return asOutcomeUnknown(error, what);
}

function answerInWords(error: RpcError, what: string): unknown {
  switch (error.code) {
    case ERROR.serverUnknown:
      return new UsageError(error.message, { cause: error });
    case ERROR.draining:
    case ERROR.serverLost:
    case ERROR.serverTimeout:
    case ERROR.serverUnavailable: {
      const unknown = asOutcomeUnknown(error, what);
      return unknown === error ? new Error(`${what}: ${error.message}`, { cause: error }) : unknown;
    }
    default:
      return new ToolError(`${what}: the server answered with error ${error.code}: ${error.message}`, { cause: error });
  }
}

function hungUp(error: unknown): boolean {
  return error instanceof PeerClosedError || (error instanceof RpcError && error.code === ERROR.draining);
}

function argumentsOf({ words, server, tool }: Call, tools: Tool[] | undefined): object {
  if (words.kind === "json") return words.value;
  const found = tools?.find(({ name }) => name === tool);
  if (!found) throw unknownTool(server, tool, tools ?? []);
  try {
    return typeArguments(words.pairs, found.inputSchema);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${server} ${tool}: ${error.message}\nsee: lockstep tools ${server}`, { cause: error });
  }
}

const INVALID_PARAMS = -32602;
const LIST_AFTERWARDS_MS = 5_000;

/** Turns the failure of a call to an unknown tool into a UsageError. Servers report it as an error or as a failed result. */
async function refusingUnknownTool(peer: Peer, { server, tool }: Call, request: Promise<unknown>): Promise<unknown> {
  const refuse = async (): Promise<void> => {
    const tools = await listTools(peer, { timeoutMs: LIST_AFTERWARDS_MS }).catch(() => undefined);
    if (tools && !tools.some(({ name }) => name === tool)) throw unknownTool(server, tool, tools);
  };
  let answer: unknown;
  try {
    answer = await request;
  } catch (error) {
    if (error instanceof RpcError && error.code === INVALID_PARAMS) await refuse();
    throw error;
  }
  if (readToolResult(answer).isError) await refuse();
  return answer;
}

function unknownTool(server: string, tool: string, tools: readonly Tool[]): UsageError {
  const names = tools.map(({ name }) => name);
  const known = names.length === 0 ? "it has no tools" : `it has: ${names.join(", ")}`;
  const hint = didYouMean(tool, names, "");
  return new UsageError(`${server} has no tool "${tool}"; ${hint === "" ? known : `${hint} ${known}`}`);
}
