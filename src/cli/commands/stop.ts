import { stopDaemon, type StopResult } from "../../client/stop/stop-daemon.js";
import type { CommandName } from "../command-table.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { lifecycleReport } from "../daemon/lifecycle-report.js";
import { LONGEST_DRAIN_S, readSeconds } from "../terminal/seconds.js";

/** Also runs `kill-daemon`. */
export async function run(invocation: Invocation<Extract<CommandName, "stop" | "kill-daemon">>): Promise<number> {
  const { options, terminal, json } = invocation;
  const drainMs = readSeconds("--timeout", options.timeout, LONGEST_DRAIN_S);
  const result = await stopDaemon(specOf(invocation), {
    role: "cli",
    ...(drainMs !== undefined && { drainMs }),
    force: options.force === true,
    report: lifecycleReport(terminal, { starts: false }),
  });
  if (json) terminal.printJson(stopJson(result));
  else if (result.stopped) terminal.print(`daemon stopped: PID ${result.pid ?? "unknown"}`);
  else terminal.print("no daemon is running");
  return EXIT.done;
}

function stopJson(result: StopResult): object {
  return result.stopped ? { stopped: true, pid: result.pid ?? null, rung: result.lastStep } : result;
}
