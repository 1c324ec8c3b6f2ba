import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { App } from "electron";
import { readIfThere } from "../../src/state/whole-file.js";
import { HIDDEN_FLAG } from "./one-shot-arguments.js";

/** True if the app was started at login, when the window is not shown. */
export function startedHidden(app: App, argv: readonly string[]): boolean {
  if (argv.includes(HIDDEN_FLAG)) return true;
  return process.platform === "darwin" && app.getLoginItemSettings().wasOpenedAtLogin;
}

/** What there is of the entry. `disabled`: it is there, and the desktop was told not to use it. */
export function loginItemState(app: App): "absent" | "enabled" | "disabled" {
  if (process.platform === "darwin") {
    const { openAtLogin, status } = app.getLoginItemSettings();
    if (status === "requires-approval") return "disabled";
    return openAtLogin ? "enabled" : "absent";
  }
  const entry = readIfThere(loginEntry(app));
  if (entry === undefined) return "absent";
  return DISABLED.test(entry) ? "disabled" : "enabled";
}

/** By the Desktop Entry Specification, and by what GNOME's and KDE's settings write. */
const DISABLED =
  /^(?:Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false|X-KDE-autostart-enabled\s*=\s*false)\s*$/im;

/** Enables or disables the start at login, by `command`. Throws if the entry can't be written. */
export function setLoginItem(app: App, startAtLogin: boolean, command: readonly string[]): void {
  if (process.platform === "darwin") {
    app.setLoginItemSettings({ openAtLogin: startAtLogin });
    return;
  }
  const entry = loginEntry(app);
  try {
    if (startAtLogin) {
      mkdirSync(dirname(entry), { recursive: true });
      writeFileSync(entry, autostartEntry([...command, HIDDEN_FLAG]));
    } else {
      rmSync(entry, { force: true });
    }
  } catch (cause) {
    const verb = startAtLogin ? "written" : "removed";
    throw new Error(`${entry} can’t be ${verb}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Updates the path in an existing entry: an update may have renamed the AppImage, or the user moved it. The rest of the
 * entry stays, since desktops record there that it is disabled.
 */
export function followLoginItem(app: App, command: readonly string[]): void {
  const entry = loginEntry(app);
  // A checkout that is being tried out must not replace the installed app.
  if (process.platform === "darwin" || !app.isPackaged || !existsSync(entry)) return;
  const before = readFileSync(entry, "utf8");
  const after = before.replace(/^Exec=.*$/m, () => execLine([...command, HIDDEN_FLAG]));
  if (after !== before) writeFileSync(entry, after);
}

/** The file that desktops on Linux read at login. */
export function loginEntry(app: App): string {
  return join(app.getPath("appData"), "autostart/lockstep.desktop");
}

/** The file for `~/.config/autostart`, by the Desktop Entry Specification. */
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

/** Quoted as in a shell, then escaped as any value of the file; a single `%` would begin a field code. */
function quoted(argument: string): string {
  const inQuotes = argument.replaceAll(/["`$\\]/g, "\\$&");
  return `"${inQuotes.replaceAll("\\", "\\\\").replaceAll("%", "%%")}"`;
}
