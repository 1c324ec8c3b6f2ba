import { bytesText } from "../../src/text/bytes.js";
import { compact, grouped } from "../../src/text/count.js";
import type { Line } from "../../src/text/ticking-line.js";
import { tilde } from "../../src/text/tilde.js";
import type { AppFacts } from "../model/app-state.js";
import { liveOf, type DaemonRecord } from "../model/daemon/daemon-state.js";
import { actor, actorShortly } from "./actor.js";
import type { Fact } from "./window-view.js";

/** The table below the heartbeat: the daemon's process and its use, or, without a daemon, where it would run. */
export function factsOf(record: DaemonRecord, app: AppFacts): Fact[] {
  const live = liveOf(record.state);
  if (!live) return factsWithoutDaemon(record, app);
  const { identity, facts } = live;
  const { pid, startedAt, launchedBy: by } = identity;
  const known = [
    pid === undefined ? undefined : fact("PID", String(pid)),
    startedAt === undefined ? undefined : fact("Uptime", since(startedAt), startedAt),
    by === undefined ? undefined : fact("Started by", actorShortly(by, app.pid), actor(by, app.pid)),
  ].filter((one) => one !== undefined);
  if (!facts)
    return record.control === "read-only" ? known : [...known, ...["Clients", "Memory", "Calls"].map(waiting)];
  const calls = facts.servers.reduce((sum, server) => sum + server.calls, 0);
  return [
    ...known,
    fact("Clients", compact(facts.clients), grouped(facts.clients)),
    fact("Memory", bytesText(facts.rssBytes)),
    {
      ...fact("Calls", compact(calls), grouped(calls)),
      note: facts.inFlight > 0 ? `${compact(facts.inFlight)} running` : undefined,
    },
  ];
}

function waiting(label: string): Fact {
  return fact(label, "–");
}

function factsWithoutDaemon({ installed, paths, state }: DaemonRecord, app: AppFacts): Fact[] {
  if (state.is === "stopped" && state.why.is === "unknown") return [];
  const last = state.is === "failed" ? state.last?.pid : undefined;
  return [
    ...(installed ? [fact("Installed", installed.version)] : []),
    ...(last === undefined ? [] : [fact("Last PID", String(last))]),
    fact("Directory", tilde(paths.dir, app.home), paths.dir),
  ];
}

function since(startedAt: string): Line {
  return { before: "", count: "since", at: Date.parse(startedAt), after: "" };
}

function fact(label: string, value: Line, full?: string): Fact {
  return { label, value, full, note: undefined };
}
