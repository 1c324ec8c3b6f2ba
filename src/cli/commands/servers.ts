import { listedServers, reportFileProblem } from "../daemon/listed-servers.js";
import { EXIT } from "../exit-code.js";
import type { Invocation } from "../invocation.js";
import { serverLines } from "../status/status-view.js";
import { errorReport } from "../terminal/error-report.js";

export async function run(invocation: Invocation<"servers">): Promise<number> {
  const { terminal, json } = invocation;
  const { servers, problem } = await listedServers(invocation);
  if (problem !== undefined) reportFileProblem(terminal, problem);
  if (json) terminal.printJson(problem === undefined ? servers : { ...errorReport(new Error(problem)), servers });
  else if (servers.length > 0) terminal.print(serverLines(servers, terminal.paint, Date.now()).join("\n"));
  else if (problem === undefined) {
    terminal.say("lockstep: no servers are configured; to add one: lockstep add NAME -- COMMAND ARGS…");
  }
  return problem === undefined ? EXIT.done : EXIT.failed;
}
