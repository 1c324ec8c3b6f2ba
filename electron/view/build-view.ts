import type { ServerStatus } from "../../src/wire/control.js";
import { recordOf, ownDaemon, type AppFacts, type AppState } from "../model/app-state.js";
import { HISTORY_MS } from "../model/daemon/beats.js";
import { liveOf, type DaemonRecord } from "../model/daemon/daemon-state.js";
import { moreActions, primaryButton } from "./actions.js";
import { bannersOf } from "./banners.js";
import { happenings } from "./recent-events.js";
import { progressOf } from "./progress.js";
import { statusOf } from "./status.js";
import { tilde } from "../../src/text/tilde.js";
import { updatesView } from "./update-view.js";
import type { AppView, DaemonView, Fact, Pulse, ServerRow, ServersView, Tone, WindowView } from "./window-view.js";
import { bytesText } from "../../src/text/bytes.js";
import { compact, counted, countedCompactly, grouped } from "../../src/text/count.js";
import type { Line } from "../../src/text/ticking-line.js";
import { actor, actorShortly } from "./actor.js";

/** The window's content for one state of the app. Pure; what ticks in it ticks in the window. */
export function windowView(state: AppState): WindowView {
  const record = recordOf(state, state.selected) ?? ownDaemon(state);
  const { otherDaemons: _, ...settings } = state.settings;
  return {
    daemons: state.daemons.map((one) => {
      const { shape, tone, title } = statusOf(one, state.app);
      return { id: one.id, name: one.name, shape, tone, title };
    }),
    daemon: daemonView(record, state),
    app: appView(state),
    settings,
  };
}

/** Newer than this many are shown in the overview; the log has all of them. */
const SHOWN_HAPPENINGS = 50;
/** What stands among the first so many is in sight anyway. */
const ON_TOP = 3;

function daemonView(record: DaemonRecord, state: AppState): DaemonView {
  const { app } = state;
  const rows = happenings(record, app.pid);
  const restart = rows.findIndex(({ sign }) => sign === "restart");
  return {
    id: record.id,
    name: record.name,
    ...statusOf(record, app),
    readOnly:
      record.control === "read-only" ? `${record.name} is another tool’s daemon: it is only looked at` : undefined,
    primary: primaryButton(record, state),
    actions: moreActions(record, app),
    progress: progressOf(record, app),
    banners: bannersOf(record, state),
    facts: factsOf(record, app),
    pulse: pulseOf(record),
    servers: serversOf(record),
    lastRestart: restart < ON_TOP ? undefined : rows[restart],
    happenings: rows.slice(0, SHOWN_HAPPENINGS),
    logName: tilde(record.paths.log, app.home),
  };
}

function factsOf(record: DaemonRecord, app: AppFacts): Fact[] {
  const live = liveOf(record.state);
  if (!live) return factsWithoutDaemon(record, app);
  const { identity, facts } = live;
  const { pid, startedAt, launchedBy: by } = identity;
  const known = [
    pid === undefined ? undefined : fact("PID", String(pid)),
    startedAt === undefined ? undefined : fact("Up", since(startedAt), startedAt),
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

function pulseOf({ state, beats, heardAt, operation }: DaemonRecord): Pulse | undefined {
  const intervalMs = liveOf(state)?.identity.heartbeatMs;
  if (intervalMs === undefined) return undefined;
  const lastBeatAt = beats.points.at(-1)?.at ?? heardAt;
  const watched = state.is !== "draining" && !operation;
  return { lastBeatAt, intervalMs, windowMs: HISTORY_MS, watched, beats: beats.points, marks: beats.marks };
}

function serversOf(record: DaemonRecord): ServersView {
  const live = liveOf(record.state);
  if (!live || record.control === "read-only") return { is: "unknown" };
  const servers = live.facts?.servers;
  if (!servers) return { is: "waiting" };
  if (servers.length > 0) return { is: "some", servers: servers.map((server) => serverRow(server, record)) };
  const command = { do: "edit-servers", daemon: record.id } as const;
  const button = { label: "Edit servers.json", command, enabled: true };
  return { is: "none", hint: "No server is configured.", button };
}

const SERVER_WORDS: Record<ServerStatus["state"], { words: string | undefined; tone: Tone }> = {
  ready: { words: undefined, tone: "ok" },
  starting: { words: "starting", tone: "busy" },
  stopping: { words: "stopping", tone: "busy" },
  stopped: { words: "asleep", tone: "off" },
  backoff: { words: "failing", tone: "bad" },
  invalid: { words: "not valid", tone: "bad" },
};

function serverRow(server: ServerStatus, record: DaemonRecord): ServerRow {
  const { name, state, sessions, calls, errors, problem, version, pid } = server;
  const full = [
    name,
    version === null ? undefined : `version ${version}`,
    pid === null ? undefined : `PID ${pid}`,
    counted(sessions, "client"),
    counted(calls, "call"),
    errors > 0 ? counted(errors, "error") : undefined,
  ];
  const canRestart = state !== "invalid" && (record.state.is === "running" || record.state.is === "drifted");
  const command = { do: "restart-server", daemon: record.id, server: name } as const;
  return {
    name,
    state,
    ...SERVER_WORDS[state],
    sessions: countedCompactly(sessions, "client"),
    calls: countedCompactly(calls, "call"),
    problem,
    full: full.filter((part) => part !== undefined).join(", "),
    restart: canRestart
      ? { label: `Restart ${name}`, command, enabled: state !== "starting" && state !== "stopping" }
      : undefined,
  };
}

function appView(state: AppState): AppView {
  const { app, settings } = state;
  return { version: app.version, platform: app.platform, updates: updatesView(state), firstRun: !settings.welcomed };
}
