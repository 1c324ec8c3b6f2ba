import { asOutcomeUnknown, wasNeverDelivered } from "../../client/delivery.js";
import type { Ensured } from "../../client/judge.js";
import { UnresponsiveError } from "../../client/lifecycle-errors.js";
import { guardStall } from "../../client/stall.js";
import { ERROR, NOTIFICATION } from "../../wire/control.js";
import { PeerClosedError, RequestTimeoutError, RpcError } from "../../wire/peer.js";
import { typeArguments } from "../call-arguments.js";
import { progressLine, type ProgressLine } from "../call-progress.js";
import { readCallWords, type CallWords } from "../call-words.js";
import { openSession } from "../daemon-session.js";
import { EXIT, InterruptedError, ToolError, UsageError } from "../exit-code.js";
import { untilInterrupted } from "../interrupt.js";
import type { Invocation } from "../invocation.js";
import { keepFile } from "../kept-file.js";
import { didYouMean } from "../nearest.js";
import { readSeconds } from "../seconds.js";
import { readStdin } from "../stdin.js";
import { listTools, type Tool } from "../tool-list.js";
import { harmless, readToolResult, resultText } from "../tool-result.js";

interface Call {
  server: string;
  tool: string;
  words: CallWords;
  timeoutMs: number | undefined;
}

const LONGEST_CALL_S = 1_000_000;

export async function run(invocation: Invocation<"call">): Promise<number> {
  const { positionals, behindDashes, options, terminal, json } = invocation;
  const [server = "", tool = "", ...words] = [...positionals, ...behindDashes];
  const timeoutMs = readSeconds("--timeout", options.timeout, LONGEST_CALL_S);
  const call: Call = { server, tool, words: readCallWords(words, readStdin), timeoutMs };
  const answer = await callWithRetry(invocation, call);
  const result = readToolResult(answer);
  if (json) terminal.printJson(answer);
  else {
    const text = resultText(result, (data, type) => keepFile(tool, data, type));
    terminal.write(terminal.outIsTerminal ? harmless(text) : text);
  }
  return result.isError ? EXIT.toolError : EXIT.done;
}

/** What no daemon took over is sent once more, to the next one; what one may have taken over never is. */
async function callWithRetry(invocation: Invocation<"call">, call: Call): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const session = await openSession(invocation, call.server);
    const progress =
      invocation.terminal.errIsTerminal && !invocation.terminal.quiet ? progressLine(invocation.terminal) : undefined;
    const phase: Phase = { sent: false };
    try {
      return await callTool(invocation, session, call, phase, progress);
    } catch (error) {
      const unsent = wasNeverDelivered(error) || (!phase.sent && hungUp(error));
      if (attempt > 1 || !unsent) throw inWords(error, call);
    } finally {
      progress?.clear();
      session.peer.close();
    }
  }
}

function hungUp(error: unknown): boolean {
  return error instanceof PeerClosedError || (error instanceof RpcError && error.code === ERROR.draining);
}

/** Has the call itself been handed to the connection? A list of tools may be asked for as often as we like. */
interface Phase {
  sent: boolean;
}

function callTool(
  { terminal }: Invocation<"call">,
  { peer }: Ensured,
  { tool, words, timeoutMs, server }: Call,
  phase: Phase,
  progress: ProgressLine | undefined,
): Promise<unknown> {
  const onNotification = (method: string, params: unknown): void => {
    if (method !== NOTIFICATION.draining) return;
    const { reason, by } = params as { reason?: unknown; by?: unknown };
    progress?.clear();
    terminal.say(
      `lockstep: the daemon is stopping (${String(reason)}, asked by ${String(by)}); waiting for the call's end`,
    );
  };
  return untilInterrupted((interrupted) =>
    guardStall(peer, { onNotification }, async (stalled) => {
      const signal = AbortSignal.any([interrupted, stalled]);
      const tools = words.kind === "pairs" ? await listTools(peer, { signal }) : undefined;
      const params = { name: tool, arguments: argumentsOf(words, tools, server, tool) };
      phase.sent = true;
      try {
        const answer = await peer.request("tools/call", params, {
          signal,
          ...(timeoutMs !== undefined && { timeoutMs }),
          ...(progress && { onProgress: (step) => progress.show(step) }),
        });
        if (!tools && readToolResult(answer).isError) await refuseUnknownTool(peer, server, tool);
        return answer;
      } catch (error) {
        if (!tools && error instanceof RpcError && error.code === INVALID_PARAMS) {
          await refuseUnknownTool(peer, server, tool);
        }
        throw error;
      }
    }),
  );
}

const INVALID_PARAMS = -32602;
const LIST_AFTERWARDS_MS = 5_000;

function argumentsOf(words: CallWords, tools: Tool[] | undefined, server: string, name: string): object {
  if (words.kind === "json") return words.value;
  const tool = tools?.find((one) => one.name === name);
  if (!tool) throw unknownTool(server, name, tools ?? []);
  try {
    return typeArguments(words.pairs, tool.inputSchema);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${server} ${name}: ${error.message}\nsee: lockstep tools ${server}`, { cause: error });
  }
}

/** After a failure: was it that there is no such tool? Some servers say so with an error, some with a failed result. */
async function refuseUnknownTool(peer: Ensured["peer"], server: string, name: string): Promise<void> {
  const tools = await listTools(peer, { timeoutMs: LIST_AFTERWARDS_MS }).catch(() => undefined);
  if (tools && !tools.some((tool) => tool.name === name)) throw unknownTool(server, name, tools);
}

function unknownTool(server: string, name: string, tools: readonly Tool[]): UsageError {
  const names = tools.map((tool) => tool.name);
  const hint = didYouMean(name, names, "");
  const known = names.length === 0 ? "it has none" : `it has: ${names.join(", ")}`;
  return new UsageError(`${server} has no tool "${name}"; ${hint === "" ? "" : `${hint} `}${known}`);
}

function inWords(error: unknown, { server, tool, timeoutMs }: Call): unknown {
  const what = `${server} ${tool}`;
  if (error instanceof RequestTimeoutError) {
    const bound = `${(timeoutMs ?? 0) / 1000} s`;
    return new Error(
      `${what}: no answer within ${bound}, so it was cancelled; outcome unknown: check whether it took effect before you repeat it`,
      { cause: error },
    );
  }
  if (error instanceof RpcError) return answerInWords(error, what);
  if (error instanceof UnresponsiveError || error instanceof InterruptedError) return error;
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
