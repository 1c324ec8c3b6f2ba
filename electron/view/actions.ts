import type { DaemonAction } from "../ipc/command.js";
import { isStale, type AppFacts, type AppState } from "../model/app-state.js";
import type { DaemonRecord } from "../model/daemon/daemon-state.js";
import type { Button, DaemonView } from "./window-view.js";

/** Start, restart and stop, with the labels that window and menu share. */
export function lifecycleButtons(record: DaemonRecord): { start: Button; restart: Button; stop: Button } {
  const { state, operation, control } = record;
  const free = control === "full" && !operation;
  const there = state.is === "running" || state.is === "drifted" || state.is === "unresponsive";
  const gone = state.is === "stopped" || state.is === "failed";
  return {
    start: button("Start daemon", "start", record, free && (gone || state.is === "draining")),
    restart: button("Restart daemon", "restart", record, free && there),
    // A stop also cancels a start that hangs, and the retries after a failed one.
    stop: button("Stop daemon", "stop", record, control === "full" && operation?.kind !== "stop" && canStop(record)),
  };
}

/** The button beside the state. */
export function primaryButton(record: DaemonRecord, state: AppState): DaemonView["primary"] {
  const { control, operation, problem } = record;
  if (control === "read-only" || operation) return undefined;
  if (problem?.refused) return emphasised("Restart anyway", "restart-anyway", record);
  switch (record.state.is) {
    case "stopped":
      return record.state.why.is === "unknown" ? undefined : emphasised("Start", "start", record);
    case "failed":
      return record.state.what === "refused"
        ? emphasised("Restart anyway", "restart-anyway", record)
        : emphasised("Start now", "start", record);
    case "running":
      return { ...button("Restart", "restart", record), emphasis: false };
    case "drifted": {
      const { installation, order } = record.state.drift;
      // The other installation's daemon is not older, so a restart from here would be a downgrade.
      if (installation === "other" && order !== "daemon-older") return undefined;
      // A stale app should be relaunched instead, so the restart is not emphasised.
      return { ...button("Restart", "restart", record), emphasis: !isStale(state.app) };
    }
    case "unresponsive":
      return emphasised("Replace", "restart", record);
    case "starting":
    case "draining":
      return undefined;
  }
}

/** The window's menu, group by group. */
export function moreActions(record: DaemonRecord, facts: AppFacts): (readonly Button[])[] {
  const { start, restart, stop } = lifecycleButtons(record);
  const files = [
    ...(record.control === "full" ? [button("Edit servers.json", "edit-servers", record)] : []),
    button("Open log file", "open-log-file", record),
    button("Open state directory", "open-folder", record),
  ];
  const app: Button[] = [
    { label: "Copy diagnostics", command: { do: "copy-diagnostics" }, enabled: true },
    EDIT_SETTINGS,
    ...commandLineButtons(facts),
    { label: QUIT, command: { do: "quit" }, enabled: true },
    { label: STOP_AND_QUIT, command: { do: "stop-and-quit" }, enabled: true },
  ];
  return [...(record.control === "full" ? [[start, restart, stop]] : []), files, app.slice(0, -2), app.slice(-2)];
}

/** `lockstep` for the terminal, unless a package manager installs it. */
export function commandLineButtons({ commandLine }: AppFacts): Button[] {
  switch (commandLine) {
    case "not-offered":
      return [];
    case "absent":
      return [{ label: "Install command-line tool", command: { do: "install-command-line" }, enabled: true }];
    case "installed":
      return [{ label: "Remove command-line tool", command: { do: "remove-command-line" }, enabled: true }];
  }
}

export const EDIT_SETTINGS: Button = { label: "Edit settings.json", command: { do: "edit-settings" }, enabled: true };
export const QUIT = "Quit (daemon keeps running)";
export const STOP_AND_QUIT = "Stop daemon and quit";

export function button(label: string, command: DaemonAction, { id }: DaemonRecord, enabled = true): Button {
  return { label, command: { do: command, daemon: id }, enabled };
}

function emphasised(label: string, command: DaemonAction, record: DaemonRecord): DaemonView["primary"] {
  return { ...button(label, command, record), emphasis: true };
}

function canStop({ state }: DaemonRecord): boolean {
  switch (state.is) {
    case "stopped":
      return false;
    // What is to take its place can be stopped.
    case "draining":
      return state.ending === "restart";
    case "failed":
      return state.retryAt !== undefined;
    case "starting":
    case "running":
    case "drifted":
    case "unresponsive":
      return true;
  }
}
