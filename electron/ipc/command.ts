import type { DaemonId } from "../model/daemon/daemon-state.js";
import type { SettingChange } from "../settings/settings.js";

/** Everything that a click can ask for, in the window as in the context menu. One place carries all of them out. */
export type Command =
  | { do: "open" | "show-log" | "show-settings" | "hide" }
  | { do: DaemonCommand; daemon: DaemonId }
  | { do: "restart-server"; daemon: DaemonId; server: string }
  | { do: "copy-diagnostics" | "check-updates" | "restart-to-update" | "relaunch" | "quit" | "stop-and-quit" }
  | { do: "install-command-line" | "remove-command-line" | "dismiss-command-line" }
  | { do: "change-setting"; change: SettingChange };

export type DaemonCommand =
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

export type CommandResult = { ok: true } | { ok: false; error: string };
