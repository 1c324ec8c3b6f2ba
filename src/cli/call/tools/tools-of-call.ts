import { escapeToOneLine, toOneLine } from "../../../text/escape-control-characters.js";
import { exactDurationText } from "../../../text/duration.js";
import { didYouMean } from "../../../text/suggest.js";
import { ERROR } from "../../../wire/control.js";
import { RequestTimeoutError, type Peer } from "../../../wire/peer.js";
import { RpcError } from "../../../wire/rpc-error.js";
import { UsageError } from "../../exit-code.js";
import type { Call } from "../call.js";
import type { Tool } from "./tool.js";
import { listTools } from "./tool-list.js";

/**
 * The server's tools, for the types of a call's arguments; within `signal`, else within LIST_BOUND_MS. A server that
 * fails to list them is reported as such, since the tool itself was not called.
 */
export async function listForCall(
  peer: Peer,
  { server, tool }: Call,
  signal: AbortSignal | undefined,
): Promise<Tool[]> {
  try {
    return await listTools(peer, signal ? { signal } : { timeoutMs: LIST_BOUND_MS });
  } catch (error) {
    const why = whyNotListed(error);
    if (why === undefined) throw error;
    throw new Error(`${server}: ${why}, so ${tool} was not called`, { cause: error });
  }
}

/** How long a server may take to start and to list its tools, unless the user gives a bound, ms. */
export const LIST_BOUND_MS = 90_000;

/** What went wrong with tools/list, in words; undefined for what the daemon or the connection reports itself. */
export function whyNotListed(error: unknown): string | undefined {
  if (error instanceof RequestTimeoutError) {
    return `it did not list its tools within ${exactDurationText(error.timeoutMs)} (--timeout S sets another bound)`;
  }
  if (!(error instanceof RpcError)) return undefined;
  switch (error.code) {
    case ERROR.draining:
    case ERROR.serverUnknown:
    case ERROR.serverUnavailable:
      return undefined;
    case METHOD_NOT_FOUND:
      return "the server has no tools";
    case ERROR.serverLost:
    case ERROR.serverTimeout:
      return `its tools could not be listed: ${toOneLine(error.message)}`;
    default:
      return `the server answered tools/list with error ${error.code}: ${toOneLine(error.message)}`;
  }
}

const METHOD_NOT_FOUND = -32601;
const LIST_AFTERWARDS_MS = 5_000;

/**
 * Throws a UsageError if the server does not list the tool whose call has failed: servers report an unknown tool by
 * codes of all kinds, or as a failed result.
 */
export async function refuseUnknownTool(peer: Peer, { server, tool }: Call): Promise<void> {
  const tools = await listTools(peer, { timeoutMs: LIST_AFTERWARDS_MS }).catch(() => undefined);
  if (tools && !tools.some(({ name }) => name === tool)) throw unknownTool(server, tool, tools);
}

export function unknownTool(server: string, tool: string, tools: readonly Tool[]): UsageError {
  const names = tools.map(({ name }) => escapeToOneLine(name));
  const known = names.length === 0 ? "it has no tools" : `it has: ${names.join(", ")}`;
  const hint = didYouMean(tool, names, "");
  return new UsageError(`${server} has no tool "${tool}"; ${hint === "" ? known : `${hint} ${known}`}`);
}
