import type { DaemonId } from "../model/daemon/daemon-state.js";
import type { SettingChange } from "../settings/settings.js";

/** Everything that a click can ask for, in the window as in the context menu; commands/run.ts carries all of them out. */
export type Command = WindowCommand | DaemonCommand | SettingCommand | AppCommand;

export type WindowCommand = { do: "open" | "show-log" | "show-settings" | "hide" };

export type DaemonCommand =
  { do: DaemonAction; daemon: DaemonId } | { do: "restart-server"; daemon: DaemonId; server: string };

export type DaemonAction =
  | "start"
  | "stop"
  | "restart"
  /** A restart that overrides the restart budget and replaces a newer installation's daemon. */
  | "restart-anyway"
  | "open-log-file"
  | "edit-servers"
  | "open-folder"
  | "dismiss-problem"
  | "select";

export type SettingCommand = { do: "change-setting"; change: SettingChange } | { do: "edit-settings" };

export interface AppCommand {
  do:
    | "copy-diagnostics"
    | "check-updates"
    | "restart-to-update"
    | "relaunch"
    | "install-command-line"
    | "remove-command-line"
    | "dismiss-notice"
    | "dismiss-no-tray"
    | "quit"
    | "stop-and-quit";
}
