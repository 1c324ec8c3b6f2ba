import type { AppCommand, Command, DaemonCommand, SettingCommand, WindowCommand } from "../ipc/command.js";

/** What carries out each group of commands. Rejects, or throws, with an Error for the user to read. */
export interface CommandGroups {
  window(command: WindowCommand): Promise<void>;
  daemon(command: DaemonCommand): Promise<void>;
  settings(command: SettingCommand): Promise<void>;
  app(command: AppCommand): Promise<void>;
}

/** Carries out what a click asked for, in the window as in the menu. Rejects with an Error for the user to read. */
export async function runCommand(command: Command, groups: CommandGroups): Promise<void> {
  switch (command.do) {
    case "open":
    case "show-log":
    case "show-settings":
    case "hide":
      return groups.window(command);
    case "start":
    case "stop":
    case "restart":
    case "restart-anyway":
    case "restart-server":
    case "open-log-file":
    case "edit-servers":
    case "open-folder":
    case "dismiss-problem":
    case "select":
      return groups.daemon(command);
    case "change-setting":
    case "edit-settings":
      return groups.settings(command);
    case "copy-diagnostics":
    case "check-updates":
    case "restart-to-update":
    case "relaunch":
    case "install-command-line":
    case "remove-command-line":
    case "dismiss-notice":
    case "dismiss-no-tray":
    case "quit":
    case "stop-and-quit":
      return groups.app(command);
  }
}
