import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { App } from "electron";

/** How the app is started at login: without showing its window. */
export const HIDDEN_FLAG = "--hidden";

/** Was this start the login's, and no wish to see the window? */
export function startedHidden(app: App, argv: readonly string[]): boolean {
  if (argv.includes(HIDDEN_FLAG)) return true;
  return process.platform === "darwin" && app.getLoginItemSettings().wasOpenedAtLogin;
}

/** Lets the desktop start the app by `command` at each login, or no more. Throws where the entry cannot be written. */
export function setLoginItem(app: App, startAtLogin: boolean, command: readonly string[]): void {
  if (process.platform === "darwin") {
    app.setLoginItemSettings({ openAtLogin: startAtLogin });
    return;
  }
  const entry = entryOf(app);
  if (!startAtLogin) {
    rmSync(entry, { force: true });
    return;
  }
  mkdirSync(dirname(entry), { recursive: true });
  writeFileSync(entry, autostartEntry([...command, HIDDEN_FLAG]));
}

/**
 * Lets an entry that is there follow the app to where it is started from now: an update may have renamed its AppImage,
 * or the user moved it. All else in the entry stays, since desktops note there that it is switched off.
 */
export function followLoginItem(app: App, command: readonly string[]): void {
  const entry = entryOf(app);
  // A checkout that somebody tries out is not what is to start at login.
  if (process.platform === "darwin" || !app.isPackaged || !existsSync(entry)) return;
  const before = readFileSync(entry, "utf8");
  const after = before.replace(/^Exec=.*$/m, () => execLine([...command, HIDDEN_FLAG]));
  if (after !== before) writeFileSync(entry, after);
}

function entryOf(app: App): string {
  return join(app.getPath("appData"), "autostart/lockstep.desktop");
}

/** What `~/.config/autostart` wants, by the Desktop Entry Specification. Pure. */
export function autostartEntry(command: readonly string[]): string {
  return [
    "[Desktop Entry]",
    "Type=Application",
    "Name=Lockstep",
    "Comment=Keeps one warm MCP daemon in step with what is installed",
    execLine(command),
    "Terminal=false",
    "X-GNOME-Autostart-enabled=true",
    "",
  ].join("\n");
}

function execLine(command: readonly string[]): string {
  return `Exec=${command.map(quoted).join(" ")}`;
}

/** Quotes as the shell does, then once more as every value of the file; `%` would begin a field code. */
function quoted(argument: string): string {
  const inQuotes = argument.replaceAll(/["`$\\]/g, "\\$&");
  return `"${inQuotes.replaceAll("\\", "\\\\").replaceAll("%", "%%")}"`;
}
