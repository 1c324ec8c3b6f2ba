import { toOneLine } from "../../text/escape-control-characters.js";
import { METHOD, type ListedServers } from "../../wire/control.js";
import type { Peer } from "../../wire/peer.js";
import type { Invocation } from "../invocation.js";
import type { Terminal } from "../terminal/terminal.js";
import { askInSession } from "./ask-in-session.js";

const ANSWER_BOUND_MS = 10_000;

/** The hosted servers, and what is wrong with `servers.json` as a whole. The daemon is started if necessary. */
export async function listedServers(
  invocation: Pick<Invocation<"servers">, "dir" | "terminal">,
  signal?: AbortSignal,
): Promise<ListedServers> {
  const ask = async (peer: Peer): Promise<unknown> => peer.request(METHOD.servers, {}, { timeoutMs: ANSWER_BOUND_MS });
  return (await askInSession(invocation, undefined, ask, signal)) as ListedServers;
}

/** Reports a file of which no part can be read, beside the servers that still run by what it said before. */
export function reportFileProblem(terminal: Terminal, problem: string): void {
  terminal.insist(
    `lockstep: servers.json cannot be used, so nothing in it counts until this is fixed: ${toOneLine(problem)}`,
  );
}
