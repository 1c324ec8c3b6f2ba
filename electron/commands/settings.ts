import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { SettingCommand } from "../ipc/command.js";
import { changeSetting } from "../settings/settings-file.js";
import { openPath } from "./open-path.js";

export interface SettingCommandContext {
  settingsFile: string;
  /** Makes or removes the desktop's entry. Throws an Error for the user. */
  setStartAtLogin: (on: boolean) => void;
  /** Takes up what the file says now. */
  takeUp: () => void;
}

/** Saves a changed setting, and puts it into effect. Rejects, with all as it was, where either is not possible. */
export function settingCommands(context: SettingCommandContext): (command: SettingCommand) => Promise<void> {
  const { settingsFile, setStartAtLogin, takeUp } = context;
  return async (command) => {
    if (command.do === "edit-settings") {
      createSettingsFile(settingsFile);
      return openPath(settingsFile);
    }
    const { change } = command;
    const takeBack = changeSetting(settingsFile, change);
    try {
      if (change.key === "startAtLogin") setStartAtLogin(change.value);
    } catch (error) {
      takeBack();
      throw error;
    }
    takeUp();
  };
}

/** There is a file to edit, with the one setting that the window does not offer. */
function createSettingsFile(file: string): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ otherDaemons: [] }, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
}
