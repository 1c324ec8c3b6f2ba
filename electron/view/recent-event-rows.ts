import type { Breadcrumb } from "../../src/log/breadcrumbs.js";
import { counted } from "../../src/text/count.js";
import { durationText, exactDurationText } from "../../src/text/duration.js";
import type { LedgerEntry } from "../../src/state/ledger.js";
import { RESTART_WORDS } from "../../src/version/restart-cause.js";
import type { PlacedBreadcrumb } from "../model/daemon/daemon-state.js";
import { actor } from "./actor.js";
import type { RecentEvent } from "./window-view.js";

export type Of<K extends Breadcrumb["kind"]> = Extract<Breadcrumb, { kind: K }>;

/** The change from one daemon to the next, as far as the log has it. */
export interface DaemonChange {
  stopping?: Of<"stopping">;
  cutOff?: Of<"cut-off">;
  stopped?: Of<"stopped">;
  ready?: Of<"ready">;
  /** The last line of the old daemon. */
  went?: PlacedBreadcrumb;
  /** The first line of the new one. */
  came?: PlacedBreadcrumb;
}

export function restartRow(
  { key, at }: PlacedBreadcrumb,
  restart: Of<"restarted"> | Of<"restarted-unclear">,
  change: DaemonChange,
  prevPid: number | undefined,
  ledger: readonly LedgerEntry[],
  ownPid: number,
): RecentEvent {
  const pid = change.ready?.pid;
  const pids = pid === undefined ? undefined : prevPid === undefined ? `PID ${pid}` : `PID ${prevPid} → ${pid}`;
  const base = { key, at, sign: "restart", tone: "busy", kind: "Restart" } as const;
  if (restart.kind === "restarted-unclear") {
    return { ...base, title: "Restarted", details: present([`Reason: ${restart.raw}`, pids]) };
  }
  const entry = ledger.findLast((one) => one.did === "restart" && one.pid === pid && one.by.pid === restart.byPid);
  const { prev, now, why, text } = restart;
  const versions = prev === now ? ` ${now}` : ` ${prev} → ${now}`;
  const by = `by ${actor(`${entry?.by.role ?? "process"} (pid ${restart.byPid})`, ownPid)}`;
  return {
    ...base,
    title: `Restarted${versions}, ${RESTART_WORDS[why]}`,
    details: present([
      text === undefined ? undefined : `“${text}”`,
      [by, cutOffText(change.cutOff), entry && `took ${exactDurationText(entry.tookMs)}`].filter(Boolean).join(" · "),
      pids,
    ]),
  };
}

export function stopRow(
  { key, at }: PlacedBreadcrumb,
  { stopping, cutOff, stopped }: DaemonChange,
  ownPid: number,
): RecentEvent {
  const by = stopping && `by ${actor(stopping.by, ownPid)}`;
  const why = stopping?.reason === "stop" ? undefined : stopping?.reason;
  return {
    key,
    at,
    sign: "stop",
    tone: "off",
    kind: "Stop",
    title: stopped ? `Stopped after ${durationText(stopped.uptimeMs)}` : "Stopping",
    details: present([[by, cutOffText(cutOff)].filter(Boolean).join(" · "), why]),
  };
}

export function readyRow(
  { key, at }: PlacedBreadcrumb,
  { pid, version }: Of<"ready">,
  before: number | undefined,
): RecentEvent {
  return {
    key,
    at,
    sign: "start",
    tone: "ok",
    kind: "Start",
    title: `Started${version === undefined ? "" : ` ${version}`}, PID ${pid}`,
    details: before === undefined ? [] : [`PID ${before} before it ended without a log entry`],
  };
}

export function otherRow(
  { key, at }: PlacedBreadcrumb,
  breadcrumb: Of<"server-crashed" | "orphan-reaped" | "lock-lost" | "wedge-recovered" | "lines-lost">,
): RecentEvent {
  const note = { key, at, sign: "note", tone: "warn", kind: "Note" } as const;
  switch (breadcrumb.kind) {
    case "server-crashed": {
      const { server, exit, nextStartMs } = breadcrumb;
      const how = "code" in exit ? `exit ${exit.code}` : exit.signal;
      const again = nextStartMs === undefined ? [] : [`next start after ${exactDurationText(nextStartMs)}`];
      return {
        key,
        at,
        sign: "crash",
        tone: "bad",
        kind: "Crash",
        title: `${server} crashed (${how})`,
        details: again,
      };
    }
    case "orphan-reaped":
      return { ...note, title: `Ended a leftover process of ${breadcrumb.server}`, details: [`PID ${breadcrumb.pid}`] };
    case "lock-lost":
      return { ...note, tone: "bad", title: "The state directory was removed", details: [breadcrumb.path] };
    case "wedge-recovered":
      return { ...note, title: `Blocked for ${exactDurationText(breadcrumb.stoodStillMs)}`, details: [] };
    case "lines-lost":
      return { ...note, title: `Lost ${counted(breadcrumb.count, "log line")}`, details: [breadcrumb.error] };
  }
}

function cutOffText(cutOff: Of<"cut-off"> | undefined): string {
  const calls = cutOff?.calls ?? [];
  const total = calls.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return "no calls interrupted";
  const names = calls.map(({ server, tool, count }) => `${server}/${tool}${count > 1 ? ` ×${count}` : ""}`);
  return `interrupted ${counted(total, "call")}: ${names.join(", ")}`;
}

function present(details: (string | undefined)[]): string[] {
  return details.filter((detail) => detail !== undefined && detail !== "") as string[];
}
