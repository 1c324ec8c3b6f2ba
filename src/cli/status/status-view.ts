import type { DaemonState, StatusReport } from "../../client/connect/status-report.js";
import { escapeToOneLine } from "../../text/escape-control-characters.js";
import type { LedgerEntry } from "../../state/ledger.js";
import { compareVersions } from "../../version/versions.js";
import type { ServerStatus } from "../../wire/control.js";
import { bytesText } from "../../text/bytes.js";
import { counted } from "../../text/count.js";
import { ageText, durationText, exactDurationText } from "../../text/duration.js";
import type { Style } from "../terminal/terminal.js";
import { textTable, type Cell } from "../terminal/text-table.js";

export type Paint = (style: Style, text: string) => string;

/** The status report as lines of text. */
export function statusView(report: StatusReport, paint: Paint, now: number): string[] {
  const lines = [headline(report, paint), ...factLines(report, paint)];
  if (report.servers.length > 0)
    lines.push("", paint("bold", "Hosted servers"), ...serverLines(report.servers, paint, now));
  const restarts = report.restarts.slice(-SHOWN_RESTARTS);
  if (restarts.length > 0)
    lines.push("", paint("bold", "Last starts"), ...restarts.map((entry) => restartLine(entry, now)));
  return lines;
}

const SHOWN_RESTARTS = 3;

const STATE_STYLE: Record<DaemonState, Style> = {
  running: "green",
  starting: "yellow",
  draining: "yellow",
  unresponsive: "red",
  stopped: "dim",
};

function headline(report: StatusReport, paint: Paint): string {
  const { state } = report;
  const pid = report.pid === null || state === "stopped" ? "" : `  PID ${report.pid}`;
  return `${paint(STATE_STYLE[state], `● ${state}`)}${pid}${stepText(report, paint)}`;
}

function stepText(report: StatusReport, paint: Paint): string {
  if (report.state === "stopped" || report.inStep === null) return "";
  return report.inStep ? "  in step" : `  ${paint("yellow", "out of step")}`;
}

/** Which of the two is older; for two builds of one version, that they differ. */
export function driftText({ version, installed, inStep }: StatusReport): string {
  if (inStep !== false || version === null || version === "") return "";
  switch (compareVersions(version, installed.version)) {
    case -1:
      return "the daemon is older";
    case 1:
      return "the installation is older";
    default:
      return "another build";
  }
}

function factLines(report: StatusReport, paint: Paint): string[] {
  const { version, installed, installRoot, uptimeMs, heartbeat, clients, inFlight, rssBytes } = report;
  const rows: [string, string | undefined][] = [];
  if (report.state !== "stopped") {
    const drift = driftText(report);
    rows.push(
      ["version", version === null ? undefined : `${version || "unknown"}${drift === "" ? "" : `  (${drift})`}`],
      ["runs from", installRoot === null || installRoot === installed.root ? undefined : installRoot],
      ["problem", problemText(report)],
      ["its files", filesText(report)],
      ["its program", programText(report)],
      ["started", startText(report)],
      ["up", uptimeMs === null ? undefined : durationText(uptimeMs)],
      ["heartbeat", heartbeat === null ? undefined : heartbeatText(heartbeat)],
      ["clients", clients === null ? undefined : `${clients}, ${counted(inFlight ?? 0, "running call")}`],
      ["memory", rssBytes === null ? undefined : bytesText(rssBytes)],
    );
  }
  rows.push(["installed", `${installed.version}  ${paint("dim", installed.root)}`], ["directory", report.dir]);
  const known = rows.filter((row): row is [string, string] => row[1] !== undefined);
  return textTable(
    known.map(([name, text]) => [{ text: name, paint: (shown) => paint("dim", shown) }, { text }]),
    "  ",
  );
}

/** A daemon goes on running after its files were replaced or removed; says so, and what to do. */
function filesText({ codeOnDisk, installRoot, installed }: StatusReport): string | undefined {
  if (codeOnDisk === null || codeOnDisk.state === "unchanged") return undefined;
  if (codeOnDisk.state === "gone")
    return "were removed; the daemon still works. To replace it: lockstep restart --force";
  const version = escapeToOneLine(codeOnDisk.version);
  return installRoot === installed.root
    ? `were replaced by ${version}, which starts at the next call. To start it now: lockstep restart`
    : `were replaced by ${version}, which starts at the next call from there`;
}

function problemText({ problem }: StatusReport): string | undefined {
  return problem === undefined ? undefined : `${escapeToOneLine(problem)}. To replace it: lockstep restart`;
}

/** A daemon goes on running after Node was upgraded or removed; says so, and what to do. */
function programText({ execPathGone, execPath }: StatusReport): string | undefined {
  if (!execPathGone || execPath === null) return undefined;
  return `${escapeToOneLine(execPath)} was removed; the daemon still works. To start it with one that exists: lockstep restart`;
}

function startText({ launchedBy, startedAt }: StatusReport): string | undefined {
  const by = launchedBy === null ? "" : `by ${escapeToOneLine(launchedBy)}`;
  return [by, startedAt === null ? "" : localTime(startedAt)].filter((part) => part !== "").join(", ") || undefined;
}

function heartbeatText({ ageMs, lagMs, intervalMs }: NonNullable<StatusReport["heartbeat"]>): string {
  const late = intervalMs !== null && ageMs > 2.5 * intervalMs ? ", late" : "";
  const lag = lagMs === null || lagMs < NOTABLE_LAG_MS ? "" : `, event loop ${exactDurationText(lagMs)} behind`;
  return `${ageText(ageMs)} ago${late}${lag}`;
}

const NOTABLE_LAG_MS = 50;

/** One line a server: name, state, PID, version, and how it is used. */
export function serverLines(servers: readonly ServerStatus[], paint: Paint, now: number): string[] {
  return textTable(
    servers.map((server): Cell[] => [
      { text: escapeToOneLine(server.name) },
      { text: server.state, paint: (text) => paint(SERVER_STYLE[server.state] ?? "dim", text) },
      {
        text: [
          server.version === null ? "" : escapeToOneLine(server.version),
          server.pid === null ? "" : `PID ${server.pid}`,
        ]
          .filter(Boolean)
          .join(", "),
      },
      { text: usageText(server, now) },
      {
        text: server.problem === undefined ? "" : escapeToOneLine(server.problem),
        paint: (text) => paint("red", text),
      },
    ]),
    "  ",
  );
}

const SERVER_STYLE: Partial<Record<string, Style>> = {
  ready: "green",
  starting: "yellow",
  stopping: "yellow",
  backoff: "red",
  invalid: "red",
};

function usageText({ calls, errors, lastUsedAt }: ServerStatus, now: number): string {
  if (calls === 0) return "not used yet";
  const failed = errors === 0 ? "" : `, ${errors} failed`;
  const last = lastUsedAt === null ? "" : `, last ${durationText(now - Date.parse(lastUsedAt))} ago`;
  return `${counted(calls, "request")}${failed}${last}`;
}

function restartLine(entry: LedgerEntry, now: number): string {
  const from = entry.prev === undefined ? "" : `${escapeToOneLine(entry.prev)} → `;
  const reason = entry.reason === undefined ? "" : ` "${escapeToOneLine(entry.reason)}"`;
  const ago = `${durationText(now - Date.parse(entry.at))} ago`;
  return `  ${ago}: ${entry.did} (${entry.why}${reason}) ${from}${escapeToOneLine(entry.now)} by ${entry.by.role} PID ${entry.by.pid}`;
}

function localTime(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? escapeToOneLine(iso) : at.toLocaleString("sv-SE");
}
