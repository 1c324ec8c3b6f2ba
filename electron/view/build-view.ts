import { recordOf, ownDaemon, type AppState } from "../model/app-state.js";
import { HISTORY_MS } from "../model/daemon/beats.js";
import { beatIntervalOf, liveOf, type DaemonRecord } from "../model/daemon/daemon-state.js";
import { commandLineButtons, moreActions, primaryButton } from "./actions.js";
import { bannersOf } from "./banners.js";
import { factsOf } from "./facts.js";
import { recentEvents } from "./recent-events.js";
import { progressOf } from "./progress.js";
import { serversOf } from "./server-rows.js";
import { statusOf } from "./status.js";
import { tilde } from "../../src/text/tilde.js";
import { updatesView } from "./update-view.js";
import type { AppView, DaemonView, HeartbeatView, WindowView } from "./window-view.js";

/** The window's content for one state of the app. Times that count are counted by the window. */
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
    settings: { ...settings, startAtLogin: state.app.loginItem === "enabled" },
  };
}

/** The overview shows this many of the newest events; the log has all of them. */
const SHOWN_EVENTS = 50;
/** The last restart has a section of its own unless it is among this many newest events. */
const IN_SIGHT = 3;

function daemonView(record: DaemonRecord, state: AppState): DaemonView {
  const { app } = state;
  const rows = recentEvents(record, app.pid);
  const restart = rows.findIndex(({ sign }) => sign === "restart");
  return {
    id: record.id,
    name: record.name,
    ...statusOf(record, app),
    readOnly:
      record.control === "read-only" ? `${record.name} belongs to another tool. Lockstep only displays it.` : undefined,
    primary: primaryButton(record, state),
    actions: moreActions(record, app),
    progress: progressOf(record, app),
    banners: bannersOf(record, state),
    facts: factsOf(record, app),
    heartbeat: heartbeatOf(record),
    servers: serversOf(record),
    lastRestart: restart < IN_SIGHT ? undefined : rows[restart],
    recentEvents: rows.slice(0, SHOWN_EVENTS),
    logName: tilde(record.paths.log, app.home),
  };
}

function heartbeatOf({ state, beats, heardAt, operation }: DaemonRecord): HeartbeatView | undefined {
  const live = liveOf(state);
  const intervalMs = live && beatIntervalOf(live);
  if (intervalMs === undefined) return undefined;
  const lastBeatAt = beats.points.at(-1)?.at ?? heardAt;
  const watched = state.is !== "draining" && !operation;
  return { lastBeatAt, intervalMs, windowMs: HISTORY_MS, watched, beats: beats.points, marks: beats.marks };
}

function appView(state: AppState): AppView {
  const { app, settings } = state;
  return {
    version: app.version,
    platform: app.platform,
    updates: updatesView(state),
    firstRun: !settings.welcomed,
    installCommandLine: app.commandLine === "absent" ? commandLineButtons(app)[0] : undefined,
    loginItemDisabled: app.loginItem === "disabled",
  };
}
