import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { App } from "electron";
import { ownBinary } from "../src/index.js";

/** How the app is started at login: without showing its window. */
export const HIDDEN_FLAG = "--hidden";

/** Was this start the login's, and no wish to see the window? */
export function startedHidden(app: App, argv: readonly string[]): boolean {
  if (argv.includes(HIDDEN_FLAG)) return true;
  return process.platform === "darwin" && app.getLoginItemSettings().wasOpenedAtLogin;
}

/** Lets the desktop start the app at each login, or no more. Throws where the entry cannot be written. */
export function setLoginItem(app: App, startAtLogin: boolean): void {
  if (process.platform === "darwin") {
    app.setLoginItemSettings({ openAtLogin: startAtLogin });
    return;
  }
  const entry = join(app.getPath("appData"), "autostart/lockstep.desktop");
  if (!startAtLogin) {
    rmSync(entry, { force: true });
    return;
  }
  mkdirSync(dirname(entry), { recursive: true });
  writeFileSync(entry, autostartEntry([...ownCommand(app), HIDDEN_FLAG]));
}

/** An AppImage is started by its file: what runs is a copy in a mount that is gone by the next login. */
function ownCommand(app: App): string[] {
  const appImage = process.env["APPIMAGE"];
  if (appImage) return [appImage];
  return app.isPackaged ? [ownBinary()] : [ownBinary(), app.getAppPath()];
}

/** What `~/.config/autostart` wants, by the Desktop Entry Specification. Pure. */
export function autostartEntry(command: readonly string[]): string {
  return [
    "[Desktop Entry]",
    "Type=Application",
    "Name=Lockstep",
    "Comment=Keeps one warm MCP daemon in step with what is installed",
    `Exec=${command.map(quoted).join(" ")}`,
    "Terminal=false",
    "X-GNOME-Autostart-enabled=true",
    "",
  ].join("\n");
}

/** Quotes as the shell does, then once more as every value of the file; `%` would begin a field code. */
function quoted(argument: string): string {
  const inQuotes = argument.replaceAll(/["`$\\]/g, "\\$&");
  return `"${inQuotes.replaceAll("\\", "\\\\").replaceAll("%", "%%")}"`;
}
