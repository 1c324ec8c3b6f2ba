import { METHOD, type ServerStatus } from "../../wire/control.js";
import { openSession } from "../daemon/open-session.js";
import { EXIT } from "../exit-code.js";
import type { Invocation } from "../invocation.js";
import { serverLines } from "../status/status-view.js";

const ANSWER_BOUND_MS = 10_000;

export async function run(invocation: Invocation<"servers">): Promise<number> {
  const { terminal, json } = invocation;
  const { peer } = await openSession(invocation);
  const { servers } = (await peer.request(METHOD.servers, {}, { timeoutMs: ANSWER_BOUND_MS })) as {
    servers: ServerStatus[];
  };
  if (json) terminal.printJson(servers);
  else if (servers.length > 0) terminal.print(serverLines(servers, terminal.paint, Date.now()).join("\n"));
  else terminal.say("lockstep: no servers are configured; to add one: lockstep add NAME -- COMMAND ARGS…");
  return EXIT.done;
}
