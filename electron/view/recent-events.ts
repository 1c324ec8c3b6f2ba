import type { DaemonRecord } from "../model/daemon/daemon-state.js";
import type { RecentEvent } from "./window-view.js";
import { otherRow, readyRow, restartRow, stopRow, type Turn } from "./recent-event-rows.js";

/**
 * The breadcrumbs as what happened, newest first: the lines that one restart leaves are one restart, with its reason,
 * who made it and what it cut off. Pure.
 */
export function recentEvents(
  { breadcrumbs, ledger }: Pick<DaemonRecord, "breadcrumbs" | "ledger">,
  ownPid: number,
): RecentEvent[] {
  const rows: RecentEvent[] = [];
  let turn: Turn = {};
  let runs: number | undefined;

  const close = (): void => {
    if (turn.went) rows.push(stopRow(turn.went, turn, ownPid));
    if (turn.came && turn.ready) {
      const silently = runs !== undefined && !turn.went;
      rows.push(readyRow(turn.came, turn.ready, silently ? runs : undefined));
      runs = turn.ready.pid;
    } else if (turn.went) runs = undefined;
    turn = {};
  };

  for (const placed of breadcrumbs) {
    const { breadcrumb } = placed;
    switch (breadcrumb.kind) {
      case "stopping":
        if (turn.ready || turn.stopping) close();
        turn = { ...turn, stopping: breadcrumb, went: placed };
        break;
      case "cut-off":
        if (turn.ready) close();
        turn = { ...turn, cutOff: breadcrumb, went: placed };
        break;
      case "stopped":
        if (turn.ready) close();
        turn = { ...turn, stopped: breadcrumb, went: placed };
        break;
      case "ready":
        if (turn.ready) close();
        turn = { ...turn, ready: breadcrumb, came: placed };
        break;
      // The daemon says that it is ready first, and why it was started then.
      case "restarted":
      case "restarted-unclear":
        rows.push(restartRow(placed, breadcrumb, turn, runs, ledger, ownPid));
        runs = turn.ready?.pid;
        turn = {};
        break;
      default:
        if (turn.ready) close();
        rows.push(otherRow(placed, breadcrumb));
    }
  }
  close();
  // A stop is known to be one only when the next daemon comes, and has its place where its own lines stand.
  const places = new Map(breadcrumbs.map(({ key }, place) => [key, place]));
  return rows.sort((a, b) => (places.get(b.key) ?? 0) - (places.get(a.key) ?? 0));
}
