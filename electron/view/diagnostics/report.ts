import { breadcrumbLine } from "./breadcrumb-line.js";
import { identityLine, statusOf } from "../status.js";
import { ageText, exactDurationText } from "../../../src/text/duration.js";
import { lineText } from "../../../src/text/ticking-line.js";
import type { AppState } from "../../model/app-state.js";
import { liveOf, type DaemonRecord } from "../../model/daemon/daemon-state.js";
import { scrubbed, type Private } from "./scrub.js";

/** Facts about the machine, which the caller reads. */
export interface MachineFacts {
  os: string;
  node: string;
  electron: string;
  desktop: string;
}

/**
 * The text that "Copy diagnostics" puts on the clipboard, safe to paste into a public report: the home directory, the
 * names of the user and the machine, and everything that looks like a secret are removed.
 */
export function diagnosticsText(state: AppState, machine: MachineFacts, hidden: Private, now: number): string {
  const { app, settings } = state;
  const lines = [
    `Lockstep ${app.version}${app.buildId === undefined ? "" : ` (build ${app.buildId})`}, ${new Date(now).toISOString()}`,
    `${machine.os}; Electron ${machine.electron}; Node ${machine.node}; desktop ${machine.desktop}`,
    app.onDisk ? `on disk: ${app.onDisk.version} (build ${app.onDisk.buildId ?? "unknown"})` : undefined,
    `updates: ${app.update.is}; settings: ${JSON.stringify({ ...settings, otherDaemons: settings.otherDaemons.length })}`,
    ...state.daemons.flatMap((record) => ["", ...daemonLines(record, state, now)]),
  ];
  return scrubbed(`${lines.filter((line) => line !== undefined).join("\n")}\n`, hidden);
}

function daemonLines(record: DaemonRecord, { app }: AppState, now: number): (string | undefined)[] {
  const { title, line } = statusOf(record, app);
  const { state, installed, operation, problem, beats } = record;
  const live = liveOf(state);
  const lags = beats.points.map(({ lagMs }) => lagMs ?? 0);
  return [
    `daemon ${record.name} (${record.control}): ${state.is} – ${title}: ${lineText(line, now)}`,
    identityLine(record),
    live && `  ${fields({ ...live.identity, noticed: undefined })}`,
    live?.facts && `  ${fields({ ...live.facts, servers: undefined })}`,
    installed && `  installed: ${fields({ ...installed })}`,
    operation &&
      `  under way: ${operation.kind} since ${ago(operation.since, now)}, ${operation.progress?.what.kind ?? "just started"}`,
    problem && `  problem: ${problem.kind}: ${problem.error}`,
    state.is === "failed" ? `  error: ${state.what}: ${state.error}` : undefined,
    `  heard ${ago(record.heardAt, now)}; ${beats.points.length} beats in five minutes, longest lag ${exactDurationText(Math.max(0, ...lags))}`,
    `  failures: ${record.failures.length} lately, ${record.failuresInARow} in a row; wanted ${record.wanted}`,
    ...(live?.facts?.servers ?? []).map((server) => `  server ${fields({ ...server })}`),
    ...record.ledger
      .slice(-10)
      .map((entry) => `  ledger ${fields({ ...entry, by: `${entry.by.role} ${entry.by.pid}` })}`),
    ...record.breadcrumbs.slice(-40).map((placed) => `  ${breadcrumbLine(placed)}`),
  ];
}

function fields(values: Record<string, unknown>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

function ago(at: number, now: number): string {
  return `${ageText(now - at)} ago`;
}
