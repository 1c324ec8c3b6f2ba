import type { DaemonRecord } from "../model/daemon/daemon-state.js";
import type { RecentEvent } from "./window-view.js";
import { otherRow, readyRow, restartRow, stopRow, type DaemonChange } from "./recent-event-rows.js";

/**
 * The list of recent events, newest first, from the breadcrumbs of the log. The lines of one restart become one row,
 * with its reason, its actor and the calls it interrupted; the ledger adds the actor's role and the time it took.
 */
export function recentEvents(
  { breadcrumbs, ledger }: Pick<DaemonRecord, "breadcrumbs" | "ledger">,
  ownPid: number,
): RecentEvent[] {
  const rows: RecentEvent[] = [];
  let change: DaemonChange = {};
  let runs: number | undefined;

  const close = (): void => {
    if (change.went) rows.push(stopRow(change.went, change, ownPid));
    if (change.came && change.ready) {
      const silently = runs !== undefined && !change.went;
      rows.push(readyRow(change.came, change.ready, silently ? runs : undefined));
      runs = change.ready.pid;
    } else if (change.went) runs = undefined;
    change = {};
  };

  for (const placed of breadcrumbs) {
    const { breadcrumb } = placed;
    switch (breadcrumb.kind) {
      case "stopping":
        if (change.ready || change.stopping) close();
        change = { ...change, stopping: breadcrumb, went: placed };
        break;
      case "cut-off":
        if (change.ready) close();
        change = { ...change, cutOff: breadcrumb, went: placed };
        break;
      case "stopped":
        if (change.ready) close();
        change = { ...change, stopped: breadcrumb, went: placed };
        break;
      case "ready":
        if (change.ready) close();
        change = { ...change, ready: breadcrumb, came: placed };
        break;
      // A daemon logs that it is ready first, and the reason of its start after that.
      case "restarted":
      case "restarted-unclear":
        rows.push(restartRow(placed, breadcrumb, change, runs, ledger, ownPid));
        runs = change.ready?.pid;
        change = {};
        break;
      default:
        if (change.ready) close();
        rows.push(otherRow(placed, breadcrumb));
    }
  }
  close();
  // A stop is added only when the next daemon starts, but belongs where its own lines are.
  const places = new Map(breadcrumbs.map(({ key }, place) => [key, place]));
  return rows.sort((a, b) => (places.get(b.key) ?? 0) - (places.get(a.key) ?? 0));
}
