import { isStale, ownDaemon, recordOf, type AppState } from "./app-state.js";
import { onResume, onTick, dueAt } from "./daemon/ticks.js";
import {
  onAbsent,
  onConnected,
  onDisconnected,
  onDraining,
  onHeartbeat,
  onStatus,
  onUnusable,
} from "./daemon/connection.js";
import { afterClockSetBack } from "./daemon/clock-set-back.js";
import { newRecord, type DaemonRecord } from "./daemon/daemon-state.js";
import type { Effect } from "./effects.js";
import type { AppEvent, DaemonAbout, DaemonEvent } from "./events.js";
import { withBreadcrumbs } from "./daemon/breadcrumb-store.js";
import {
  onAppOpened,
  onProgress,
  onRestartRequested,
  onStarted,
  onStartFailed,
  onStartRequested,
  onStopFailed,
  onStopped,
  onStopRequested,
} from "./daemon/operations.js";
import { onInstalled } from "./daemon/installed.js";
import { noEffects, type Context, type Step } from "./step.js";

/** The next state after an event, and the effects to carry out. `now` is epoch ms. */
export function reduce(state: AppState, event: AppEvent, now: number): { state: AppState; effects: Effect[] } {
  const { state: next, effects } = dispatch(atTime(state, now), event, now);
  const wanted = next.settings.notifications ? effects : effects.filter((effect) => effect.do !== "notify");
  return { state: next, effects: wanted };
}

/** A clock that is set back by hand or by NTP must not make anything wait until the old time comes again. */
function atTime(state: AppState, now: number): AppState {
  const byMs = state.now - now;
  if (byMs <= 0) return { ...state, now };
  const stoodStillAt = state.stoodStillAt === undefined ? undefined : state.stoodStillAt - byMs;
  return { ...state, now, stoodStillAt, daemons: state.daemons.map((record) => afterClockSetBack(record, byMs)) };
}

/** When the next tick is needed, epoch ms; undefined while only events can change anything. */
export function nextTickAt(state: AppState): number | undefined {
  if (state.asleep) return undefined;
  const times = state.daemons.map(dueAt).filter((at) => at !== undefined);
  return times.length > 0 ? Math.min(...times) : undefined;
}

function dispatch(state: AppState, event: AppEvent, now: number): { state: AppState; effects: Effect[] } {
  const context: Context = { now, stale: isStale(state.app), asleep: state.asleep, self: state.app.self };
  switch (event.about) {
    case "daemon":
      return forEach(state, (record) =>
        record.id === event.id ? reduceDaemon(record, event.event, context) : noEffects(record),
      );
    case "clock":
      return hasStoodStill(state, now)
        ? forEach({ ...state, stoodStillAt: now }, (record) => onResume(record, context))
        : forEach(state, (record) => onTick(record, context));
    case "machine":
      if (event.type === "suspend") return { state: { ...state, asleep: true }, effects: [] };
      return forEach({ ...state, asleep: false }, (record) => onResume(record, { ...context, asleep: false }));
    case "app":
      return { state: withAppEvent(state, event, now), effects: notificationOf(state, event) };
  }
}

/**
 * A late tick means that this process, or the whole machine, stood still, so silence is not the daemon's fault. On a busy
 * machine every tick is late, and a daemon that does not answer has to be reported there, too.
 */
function hasStoodStill(state: AppState, now: number): boolean {
  const sinceLast = now - (state.stoodStillAt ?? -Infinity);
  return now - (nextTickAt(state) ?? now) > LATE_MS && !(sinceLast >= 0 && sinceLast < ONCE_WITHIN_MS);
}

const LATE_MS = 2_000;
const ONCE_WITHIN_MS = 60_000;

function withAppEvent(state: AppState, event: Extract<AppEvent, { about: "app" }>, now: number): AppState {
  switch (event.type) {
    case "installed":
      return { ...state, app: { ...state.app, onDisk: event.installed } };
    case "update":
      return { ...state, app: { ...state.app, update: event.update } };
    case "staging":
      return { ...state, app: { ...state.app, staging: event.staging } };
    case "commandLine":
      return { ...state, app: { ...state.app, commandLine: event.commandLine } };
    case "notice":
      return { ...state, app: { ...state.app, notice: event.notice } };
    case "listed":
      return withListed(state, event.daemons, now);
    case "withoutTray":
      return { ...state, app: { ...state.app, withoutTray: event.withoutTray } };
    case "selected":
      return recordOf(state, event.id) ? { ...state, selected: event.id } : state;
    case "settings":
      return { ...state, settings: event.settings, settingsProblems: event.problems };
    case "loginItem":
      return { ...state, app: { ...state.app, loginItem: event.is } };
  }
}

/** A daemon that stays in the list keeps its record. Where the selected one has gone, Lockstep's own is selected. */
function withListed(state: AppState, daemons: readonly DaemonAbout[], now: number): AppState {
  const records = daemons.map((about) => {
    const known = recordOf(state, about.id);
    return known?.paths.dir === about.paths.dir ? known : newRecord(about, now);
  });
  const next = { ...state, daemons: records };
  return { ...next, selected: recordOf(next, state.selected) ? state.selected : ownDaemon(next).id };
}

/** Notify once when an update becomes ready. */
function notificationOf({ app }: AppState, event: Extract<AppEvent, { about: "app" }>): Effect[] {
  if (event.type !== "update" || event.update.is !== "ready" || app.update.is === "ready") return [];
  const title = `Lockstep ${event.update.version} is ready`;
  return [{ do: "notify", about: "update-ready", title, body: "It is installed when you restart or quit the app." }];
}

function reduceDaemon(record: DaemonRecord, event: DaemonEvent, context: Context): Step {
  // An operation that another has replaced may still report.
  if ("operation" in event && event.operation !== record.operation?.id) return noEffects(record);
  switch (event.type) {
    case "connected":
      return onConnected(record, event, context);
    case "status":
      return onStatus(record, event.status, context);
    case "heartbeat":
      return onHeartbeat(record, event.beat, context);
    case "draining":
      return onDraining(record, event.draining, context);
    case "disconnected":
      return onDisconnected(record, context);
    case "absent":
      return onAbsent(record, context);
    case "unusable":
      return onUnusable(record, event, context);
    case "appOpened":
      return onAppOpened(record, context);
    case "startRequested":
      return onStartRequested(record, context);
    case "restartRequested":
      return onRestartRequested(record, event.force ?? false, context);
    case "stopRequested":
      return onStopRequested(record, context);
    case "progress":
      return onProgress(record, event.progress, context);
    case "started":
      return onStarted(record, context);
    case "startFailed":
      return onStartFailed(record, event, context);
    case "stopped":
      return onStopped(record, context);
    case "stopFailed":
      return onStopFailed(record, event.error, context);
    case "problemDismissed":
      return noEffects({ ...record, problem: undefined });
    case "installed":
      return onInstalled(record, event.installed, context);
    case "breadcrumbs":
      return noEffects({ ...record, breadcrumbs: withBreadcrumbs(record.breadcrumbs, event.added) });
    case "ledger":
      return noEffects({ ...record, ledger: event.entries.slice(-MOST_LEDGER_ENTRIES) });
  }
}

const MOST_LEDGER_ENTRIES = 50;

function forEach(state: AppState, step: (record: DaemonRecord) => Step): { state: AppState; effects: Effect[] } {
  const steps = state.daemons.map(step);
  return {
    state: { ...state, daemons: steps.map(({ record }) => record) },
    effects: steps.flatMap(({ effects }) => effects),
  };
}
