import { guardStall } from "../../client/follow/stall.js";
import { ERROR, METHOD, type ServerStatus } from "../../wire/control.js";
import { RpcError } from "../../wire/rpc-error.js";
import { openSession } from "../daemon/open-session.js";
import { EXIT, UsageError } from "../exit-code.js";
import type { Invocation } from "../invocation.js";
import { listTools, type Tool } from "../call/tool-list.js";
import { toolView } from "../call/tool-view.js";

const ANSWER_BOUND_MS = 10_000;

export async function run(invocation: Invocation<"tools">): Promise<number> {
  const [server] = invocation.positionals;
  return server === undefined ? toolsOfAll(invocation) : toolsOfOne(invocation, server);
}

async function toolsOfOne(invocation: Invocation<"tools">, server: string): Promise<number> {
  const { terminal, json } = invocation;
  const tools = await toolsOf(invocation, server);
  if (json) terminal.printJson(tools.map(({ raw }) => raw));
  else if (tools.length === 0) terminal.say(`lockstep: ${server} has no tools`);
  else terminal.print(tools.flatMap((tool) => toolView(tool, terminal.paint)).join("\n"));
  return EXIT.done;
}

/** Asks each server in its own session, in parallel, so that one that fails to start does not hide the others. */
async function toolsOfAll(invocation: Invocation<"tools">): Promise<number> {
  const { terminal, json } = invocation;
  const names = await serverNames(invocation);
  const asked = await Promise.allSettled(names.map((name) => toolsOf(invocation, name)));
  const found: Record<string, unknown[]> = {};
  let failed = false;
  asked.forEach((answer, index) => {
    const name = names[index] ?? "";
    if (answer.status === "rejected") {
      failed = true;
      terminal.insist(
        `lockstep: ${name}: ${answer.reason instanceof Error ? answer.reason.message : String(answer.reason)}`,
      );
    } else if (json) found[name] = answer.value.map(({ raw }) => raw);
    else {
      terminal.print(terminal.paint("cyan", name));
      terminal.print(answer.value.flatMap((tool) => toolView(tool, terminal.paint)).join("\n"));
    }
  });
  if (json) terminal.printJson(found);
  return failed ? EXIT.failed : EXIT.done;
}

async function serverNames(invocation: Invocation<"tools">): Promise<string[]> {
  const { peer } = await openSession(invocation);
  try {
    const answer = await peer.request(METHOD.servers, {}, { timeoutMs: ANSWER_BOUND_MS });
    return (answer as { servers: ServerStatus[] }).servers.map(({ name }) => name);
  } finally {
    peer.close();
  }
}

async function toolsOf(invocation: Invocation<"tools">, server: string): Promise<Tool[]> {
  const { peer } = await openSession(invocation, server);
  try {
    return await guardStall(peer, {}, () => listTools(peer));
  } catch (error) {
    throw inWords(error);
  } finally {
    peer.close();
  }
}

function inWords(error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  if (error.code === ERROR.serverUnknown) return new UsageError(error.message, { cause: error });
  return error.code === METHOD_NOT_FOUND ? new Error("the server has no tools", { cause: error }) : error;
}

const METHOD_NOT_FOUND = -32601;
