import { reportStatus, type DaemonState, type StatusReport } from "../../client/connect/status-report.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { driftText, statusView } from "../status/status-view.js";
import type { Terminal } from "../terminal/terminal.js";

/** A daemon that is starting or draining counts as running. */
const EXIT_OF: Record<DaemonState, number> = {
  running: EXIT.done,
  starting: EXIT.done,
  draining: EXIT.done,
  stopped: EXIT.failed,
  unresponsive: EXIT.unresponsive,
};

export async function run(invocation: Invocation<"status">): Promise<number> {
  const { options, terminal, json } = invocation;
  const spec = specOf(invocation);
  if (options.watch) {
    const { watchStatus } = await import("../status/status-watch.js");
    return watchStatus(spec, terminal, json);
  }
  const report = await reportStatus(spec, "cli");
  if (options.version) printVersions(terminal, json, report);
  else if (json) terminal.printJson(report);
  else terminal.print(statusView(report, terminal.paint, Date.now()).join("\n"));
  return EXIT_OF[report.state];
}

function printVersions(terminal: Terminal, json: boolean, report: StatusReport): void {
  const { state, version, installed, inStep } = report;
  const running = state === "stopped" ? null : version;
  if (json) {
    terminal.printJson({ daemon: running, installed: installed.version, inStep });
    return;
  }
  const drift = driftText(report);
  const step = inStep === null ? "" : inStep ? " (in step)" : ` (out of step${drift === "" ? "" : `: ${drift}`})`;
  terminal.print(`daemon     ${running === null ? state : `${running}${step}`}\ninstalled  ${installed.version}`);
}
