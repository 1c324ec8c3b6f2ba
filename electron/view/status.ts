import type { AppFacts } from "../model/app-state.js";
import { liveOf, type DaemonRecord, type DaemonState, type Live } from "../model/daemon/daemon-state.js";
import type { Drift } from "../model/daemon/drift.js";
import type { Shape, Tone } from "./window-view.js";
import { counted } from "../../src/text/count.js";
import type { Line } from "../../src/text/ticking-line.js";
import { actor } from "./actor.js";

/** One daemon's state as a shape, a tone, a title and a line, for icon, tooltip, menu and window alike. */
export interface StatusWords {
  shape: Shape;
  tone: Tone;
  title: string;
  line: Line;
}

export function statusOf(record: DaemonRecord, app: AppFacts): StatusWords {
  return statusOfOperation(record) ?? statusOfState(record, record.state, app);
}

/** `1.4.0 · PID 48213`, as far as it is known. */
export function identityLine(record: DaemonRecord): string | undefined {
  const identity = liveOf(record.state)?.identity;
  if (!identity) return undefined;
  return [versionOf(identity.version), identity.pid === undefined ? undefined : `PID ${identity.pid}`]
    .filter((part) => part !== undefined)
    .join(" · ");
}

/** While the app stops or restarts the daemon, that is the state shown, so that the click has a visible effect. */
function statusOfOperation({ operation, state, installed }: DaemonRecord): StatusWords | undefined {
  if (operation?.kind === "stop" && state.is === "starting") {
    return { shape: "draining", tone: "busy", title: "Stopping", line: "Ending what was being started" };
  }
  const live = state.is === "running" || state.is === "drifted" || state.is === "unresponsive";
  if (!operation || !live) return undefined;
  // A start has nothing left to do once a daemon in step is connected.
  if (operation.kind === "start" && state.is === "running") return undefined;
  const pid = state.live?.identity.pid;
  const who = pid === undefined ? "the daemon" : `PID ${pid}`;
  return operation.kind === "stop"
    ? { shape: "draining", tone: "busy", title: "Stopping", line: `Ending ${who}` }
    : {
        shape: "starting",
        tone: "busy",
        title: "Restarting",
        line: `Replacing ${who}${withVersion(installed?.version)}`,
      };
}

function statusOfState(record: DaemonRecord, state: DaemonState, app: AppFacts): StatusWords {
  switch (state.is) {
    case "stopped":
      return statusOfStopped(state, record, app);
    case "starting":
      return { shape: "starting", tone: "busy", title: "Starting", line: startingLine(state, record) };
    case "running":
      return { shape: "running", tone: "ok", ...runningWords(state.live, record) };
    case "drifted":
      return { shape: "drifted", tone: "warn", title: "Out of step", line: driftLine(state.live, state.drift, record) };
    case "draining": {
      const title = state.ending === "restart" || state.ending === "upgrade" ? "Restarting" : "Stopping";
      return { shape: "draining", tone: "busy", title, line: `Requested by ${actor(state.draining.by, app.pid)}` };
    }
    case "unresponsive":
      return { shape: "unresponsive", tone: "bad", title: "Not responding", line: silentLine(state) };
    case "failed":
      return { shape: "failed", tone: "bad", ...failedWords(state, record) };
  }
}

function statusOfStopped(
  { why, since }: Extract<DaemonState, { is: "stopped" }>,
  { control }: DaemonRecord,
  app: AppFacts,
): StatusWords {
  switch (why.is) {
    case "unknown":
      return { shape: "looking", tone: "off", title: "Checking", line: "Looking for a running daemon" };
    case "absent": {
      const line = control === "read-only" ? "Nothing listens on its socket" : "Start it to serve your tools";
      return { shape: "stopped", tone: "off", title: "Not running", line };
    }
    case "deliberate": {
      const line = { before: `By ${actor(why.by, app.pid)}, `, count: "since", at: since, after: " ago" } as const;
      return { shape: "stopped", tone: "off", title: "Stopped", line };
    }
  }
}

function startingLine(state: Extract<DaemonState, { is: "starting" }>, { installed }: DaemonRecord): string {
  if (state.whose === "ours") return installed ? `Version ${installed.version}` : "The installed version";
  return state.after === "restart" ? "Another program is restarting it" : "Waiting for it to come back";
}

function runningWords({ identity }: Live, { installed, control }: DaemonRecord): { title: string; line: string } {
  const version = versionOf(identity.version);
  if (control === "read-only") return { title: "Running", line: `Version ${version}` };
  if (!installed) return { title: "Running", line: `Version ${version}` };
  const line =
    identity.version === installed.version
      ? `Daemon and app are both ${version}`
      : `Daemon ${version} matches the installed ${installed.version}`;
  return { title: "In step", line };
}

function driftLine({ identity }: Live, drift: Drift, { installed }: DaemonRecord): string {
  const theirs = versionOf(identity.version);
  const mine = installed?.version ?? "unknown";
  switch (drift.order) {
    case "daemon-older":
      return `Daemon ${theirs} is older than the installed ${mine}`;
    case "daemon-newer":
      return `Daemon ${theirs} is newer than the installed ${mine}`;
    case "different":
      return identity.version === installed?.version
        ? `Daemon and app are different builds of ${mine}`
        : `Daemon ${theirs} and the installed ${mine} differ`;
  }
}

function silentLine({ live, since }: Extract<DaemonState, { is: "unresponsive" }>): Line {
  if (!live) return "It accepts connections but doesn’t answer";
  return { before: "No heartbeat for ", count: "since", at: since, after: "" };
}

function failedWords(
  state: Extract<DaemonState, { is: "failed" }>,
  { control }: DaemonRecord,
): { title: string; line: Line } {
  const again: Line =
    state.retryAt === undefined
      ? "Start it once the problem is fixed"
      : { before: "Starting again in ", count: "until", at: state.retryAt, after: "" };
  switch (state.what) {
    case "died":
      return { title: "Stopped unexpectedly", line: again };
    case "start-failed":
      return { title: "Couldn’t start", line: again };
    case "crash-loop":
      return { title: state.last ? "Keeps crashing" : "Keeps failing", line: "It won’t be started automatically" };
    case "refused":
      if (control === "read-only")
        return { title: "Refuses this app", line: "It answered the connection with an error" };
      return { title: "Incompatible versions", line: "Nothing was changed" };
    case "unreachable":
      return { title: "Can’t reach the daemon", line: "Its socket can’t be used" };
  }
}

/** `3 calls are running`, to be shown before a restart; undefined when none are. */
export function runningCalls(live: Live | undefined): string | undefined {
  const inFlight = live?.facts?.inFlight ?? 0;
  return inFlight > 0 ? `${counted(inFlight, "call")} ${inFlight === 1 ? "is" : "are"} running` : undefined;
}

function versionOf(version: string): string {
  return version === "" ? "of unknown version" : version;
}

function withVersion(version: string | undefined): string {
  return version === undefined ? "" : ` with ${version}`;
}
