import { commandLineButtons, EDIT_SETTINGS, lifecycleButtons, QUIT, STOP_AND_QUIT } from "./actions.js";
import { identityLine, statusOf } from "./status.js";
import { CHECK, restartLabel } from "./update-view.js";
import type { Button } from "./window-view.js";
import { isStale, ownDaemon, type AppState } from "../model/app-state.js";
import type { Command } from "../ipc/command.js";
import { liveOf, type DaemonRecord } from "../model/daemon/daemon-state.js";
import type { IconStyle, Theme } from "../settings/settings.js";

/** A menu as plain data; tray/native-menu.ts makes Electron's menu from it. */
export type MenuItem =
  | { kind: "separator" }
  | { kind: "text"; label: string }
  | { kind: "action"; label: string; enabled: boolean; command: Command }
  | { kind: "check" | "radio"; label: string; checked: boolean; command: Command }
  | { kind: "submenu"; label: string; items: readonly MenuItem[] };

/**
 * The tray's context menu. It holds every action of the window, since some Linux desktops show only the menu. No label
 * counts seconds, since the menu is rebuilt for a new state and not every second.
 */
export function menuTemplate(state: AppState): MenuItem[] {
  const own = ownDaemon(state);
  return [
    act("Open Lockstep", { do: "open" }),
    { kind: "text", label: stateLine(own, state) },
    ...state.daemons.slice(1).map((other) => otherDaemon(other, state)),
    SEPARATOR,
    ...daemonItems(own),
    SEPARATOR,
    act("Show log", { do: "show-log" }),
    act("Open log file", { do: "open-log-file", daemon: own.id }),
    act("Edit servers.json", { do: "edit-servers", daemon: own.id }),
    act("Open state directory", { do: "open-folder", daemon: own.id }),
    act("Copy diagnostics", { do: "copy-diagnostics" }),
    SEPARATOR,
    ...updateItems(state),
    ...settingItems(state),
    fromButton(EDIT_SETTINGS),
    ...commandLineButtons(state.app).map(fromButton),
    SEPARATOR,
    act(QUIT, { do: "quit" }),
    act(STOP_AND_QUIT, { do: "stop-and-quit" }),
  ];
}

const SEPARATOR: MenuItem = { kind: "separator" };

function stateLine(record: DaemonRecord, { app }: AppState): string {
  const { title, line } = statusOf(record, app);
  return `${title} · ${identityLine(record) ?? (typeof line === "string" ? line : "no daemon")}`;
}

function otherDaemon(record: DaemonRecord, state: AppState): MenuItem {
  return act(`${record.name}: ${stateLine(record, state)}`, { do: "select", daemon: record.id });
}

function daemonItems(record: DaemonRecord): MenuItem[] {
  const { start, restart, stop } = lifecycleButtons(record);
  const items = [fromButton(start), fromButton(restart), fromButton(stop)];
  const isRefused = record.problem?.refused || (record.state.is === "failed" && record.state.what === "refused");
  if (isRefused) items.splice(2, 0, act("Restart daemon anyway", { do: "restart-anyway", daemon: record.id }));
  const servers = liveOf(record.state)?.facts?.servers ?? [];
  if (servers.length === 0) return items;
  const restarts = servers.map(({ name, state }): MenuItem => {
    const enabled = state !== "invalid" && state !== "starting" && state !== "stopping";
    const command = { do: "restart-server", daemon: record.id, server: name } as const;
    return { kind: "action", label: name, enabled, command };
  });
  return [...items, { kind: "submenu", label: "Restart server", items: restarts }];
}

function updateItems(state: AppState): MenuItem[] {
  const { app, settings } = state;
  if (isStale(app)) return [act("Relaunch to finish the update", { do: "relaunch" })];
  const automatic = toggle("Update automatically", "autoUpdate", settings.autoUpdate);
  switch (app.update.is) {
    case "off":
      return [{ kind: "text", label: "Updates are off" }];
    case "checking":
      return [{ kind: "text", label: "Checking for updates…" }, automatic];
    case "downloading":
      return [{ kind: "text", label: `Downloading ${app.update.version}…` }, automatic];
    case "ready":
      return [act(restartLabel(state), { do: "restart-to-update" }), automatic];
    case "idle":
      return [fromButton(CHECK), automatic];
    case "failed":
      return [{ kind: "text", label: "The update failed" }, act("Try the update again", CHECK.command), automatic];
  }
}

const ICONS: Record<IconStyle, string> = {
  auto: "Auto",
  light: "Light",
  dark: "Dark",
  coloured: "Colour",
};
const THEMES: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };

function settingItems({ settings, app }: AppState): MenuItem[] {
  const { icon, theme, notifications } = settings;
  return [
    toggle("Start at login", "startAtLogin", app.loginItem === "enabled"),
    toggle("Notifications", "notifications", notifications),
    {
      kind: "submenu",
      label: "Icon",
      items: keysOf(ICONS).map((value) => ({
        kind: "radio",
        label: ICONS[value],
        checked: value === icon,
        command: { do: "change-setting", change: { key: "icon", value } },
      })),
    },
    {
      kind: "submenu",
      label: "Theme",
      items: keysOf(THEMES).map((value) => ({
        kind: "radio",
        label: THEMES[value],
        checked: value === theme,
        command: { do: "change-setting", change: { key: "theme", value } },
      })),
    },
  ];
}

function toggle(label: string, key: "startAtLogin" | "notifications" | "autoUpdate", on: boolean): MenuItem {
  return { kind: "check", label, checked: on, command: { do: "change-setting", change: { key, value: !on } } };
}

function act(label: string, command: Command): MenuItem {
  return { kind: "action", label, enabled: true, command };
}

function fromButton({ label, enabled, command }: Button): MenuItem {
  return { kind: "action", label, enabled, command };
}

function keysOf<K extends string>(record: Record<K, string>): K[] {
  return Object.keys(record) as K[];
}
