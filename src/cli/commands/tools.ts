import { guardStall } from "../../client/follow/stall.js";
import { escapeToOneLine, toOneLine } from "../../text/escape-control-characters.js";
import { exactDurationText } from "../../text/duration.js";
import { deadline, DeadlineError } from "../../wire/deadline.js";
import type { Peer } from "../../wire/peer.js";
import { RpcError } from "../../wire/rpc-error.js";
import { listTools, type ListedTool } from "../call/tools/tool-list.js";
import { toolView } from "../call/tools/tool-view.js";
import { LIST_BOUND_MS, whyNotListed } from "../call/tools/tools-of-call.js";
import { listedServers, reportFileProblem } from "../daemon/listed-servers.js";
import { askInSession } from "../daemon/ask-in-session.js";
import { isServerUnknown, reloadDaemon } from "../daemon/reload-daemon.js";
import { EXIT, UsageError } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { errorReport } from "../terminal/error-report.js";
import { LONGEST_BOUND_S, readSeconds } from "../terminal/seconds.js";

export async function run(invocation: Invocation<"tools">): Promise<number> {
  const [server] = invocation.positionals;
  const boundMs = readSeconds("--timeout", invocation.options.timeout, LONGEST_BOUND_S) ?? LIST_BOUND_MS;
  using bound = deadline("the list of tools", boundMs);
  const asked: Asked = { invocation, boundMs, signal: bound.signal };
  return await (server === undefined ? toolsOfAll(asked) : toolsOfOne(asked, server));
}

interface Asked {
  invocation: Invocation<"tools">;
  boundMs: number;
  signal: AbortSignal;
}

async function toolsOfOne(asked: Asked, server: string): Promise<number> {
  const { terminal, json } = asked.invocation;
  const tools = await toolsOf(asked, server);
  if (json) terminal.printJsonText(listText(tools));
  else if (tools.length === 0) terminal.say(`lockstep: ${server} has no tools`);
  else terminal.print(tools.flatMap((tool) => toolView(tool, terminal.paint)).join("\n"));
  return EXIT.done;
}

/** Asks each server in its own session, in parallel, so that one that fails or is slow does not hide the others. */
async function toolsOfAll(asked: Asked): Promise<number> {
  const { terminal, json } = asked.invocation;
  const { servers, problem } = await listedServers(asked.invocation, asked.signal);
  const names = servers.map(({ name }) => name);
  const answers = await Promise.allSettled(names.map((name) => toolsOf(asked, name)));
  const found: string[] = [];
  let failed = problem !== undefined;
  answers.forEach((answer, index) => {
    const name = names[index] ?? "";
    if (answer.status === "rejected") {
      failed = true;
      const error: unknown = answer.reason;
      terminal.insist(`lockstep: ${error instanceof Error ? error.message : String(error)}`);
      found.push(`${JSON.stringify(name)}:${JSON.stringify(errorReport(error))}`);
    } else if (json) found.push(`${JSON.stringify(name)}:${listText(answer.value)}`);
    else {
      terminal.print(terminal.paint("cyan", escapeToOneLine(name)));
      terminal.print(answer.value.flatMap((tool) => toolView(tool, terminal.paint)).join("\n"));
    }
  });
  if (problem !== undefined) reportFileProblem(terminal, problem);
  if (json) terminal.printJsonText(`{${found.join(",")}}`);
  return failed ? EXIT.failed : EXIT.done;
}

/** The tools as the server sent them. */
function listText(tools: readonly ListedTool[]): string {
  return `[${tools.map(({ raw }) => raw).join(",")}]`;
}

async function toolsOf(asked: Asked, server: string, mayReload = true): Promise<ListedTool[]> {
  try {
    const ask = (peer: Peer): Promise<ListedTool[]> =>
      guardStall(peer, {}, () => listTools(peer, { signal: asked.signal }));
    return await askInSession(asked.invocation, server, ask, asked.signal);
  } catch (error) {
    if (!isServerUnknown(error) || !mayReload) throw inWords(error, server, asked.boundMs);
    // The daemon notices a change of servers.json with a delay.
    await reloadDaemon(specOf(asked.invocation));
    return toolsOf(asked, server, false);
  }
}

function inWords(error: unknown, server: string, boundMs: number): unknown {
  if (error instanceof DeadlineError) {
    const bound = exactDurationText(boundMs);
    return new Error(`${server}: it did not list its tools within ${bound}; --timeout S sets another bound`, {
      cause: error,
    });
  }
  const why = whyNotListed(error);
  if (why !== undefined) return new Error(`${server}: ${why}`, { cause: error });
  if (!(error instanceof RpcError)) return error;
  const message = toOneLine(error.message);
  if (isServerUnknown(error)) return new UsageError(message, { cause: error });
  return new Error(`${server}: ${message}`, { cause: error });
}
