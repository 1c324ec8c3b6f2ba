import { app, nativeTheme } from "electron";
import { setLoginItem } from "../install/login-item.js";
import type { SettingCommand } from "../ipc/command.js";
import type { Store } from "../model/store.js";
import { writeSettings } from "../settings/settings-file.js";
import { withChange } from "../settings/settings.js";

export interface SettingCommandContext {
  store: Store;
  settingsFile: string;
  /** The command that the desktop starts at login. */
  startCommand: () => readonly string[];
}

/** Applies a changed setting, then saves it. Throws where the login entry or the file cannot be written. */
export function settingCommands(context: SettingCommandContext): (command: SettingCommand) => void {
  const { store, settingsFile, startCommand } = context;
  return ({ change }) => {
    const before = store.state.settings;
    const settings = withChange(before, change);
    if (settings.startAtLogin !== before.startAtLogin) setLoginItem(app, settings.startAtLogin, startCommand());
    if (settings.theme !== before.theme) nativeTheme.themeSource = settings.theme;
    writeSettings(settingsFile, settings);
    store.dispatch({ about: "app", type: "settings", settings });
  };
}
