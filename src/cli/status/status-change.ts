import type { StatusReport } from "../../client/connect/status-report.js";

/** Equal for two reports that differ only in ages, counts and sizes, which change all the time. */
export function statusDigest(report: StatusReport): string {
  const { state, inStep, pid, version, installed, servers, restarts } = report;
  const hosted = servers.map(({ name, state: serverState, pid: serverPid }) => [name, serverState, serverPid]);
  return JSON.stringify([state, inStep, pid, version, installed, hosted, restarts.at(-1)]);
}

/** One line for a log: `2026-11-23T03:40:01.123Z running 0.1.0 (PID 812), in step; memory ready`. */
export function statusLine(report: StatusReport, now: Date): string {
  const { state, version, pid, inStep, servers, installed } = report;
  const who = version === null || state === "stopped" ? "" : ` ${version} (PID ${pid ?? "unknown"})`;
  const step =
    state === "stopped" || inStep === null ? "" : inStep ? ", in step" : `, out of step with ${installed.version}`;
  const hosted = servers.map((server) => `${server.name} ${server.state}`).join(", ");
  return `${now.toISOString()} ${state}${who}${step}${hosted === "" ? "" : `; ${hosted}`}`;
}
