import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { app, clipboard, nativeTheme, shell } from "electron";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import { liveOf } from "../model/daemon/daemon-state.js";
import { commandLineState, installTool, removeTool, type CliLink } from "../install/command-line-tool.js";
import { recordOf, type CommandLineNotice } from "../model/app-state.js";
import type { Command, CommandResult, DaemonCommand } from "../ipc/command.js";
import type { DaemonEvent } from "../model/events.js";
import { withChange, type Settings } from "../settings/settings.js";
import type { DaemonLink } from "../daemon/daemon-link.js";
import type { Notifier } from "../ipc/schema.js";
import { setLoginItem } from "../install/login-item.js";
import type { Store } from "../model/store.js";
import type { Updates } from "../update/updates.js";
import type { AppWindow } from "../window/window.js";

export interface CommandPlace {
  store: Store;
  window: AppWindow;
  notify: Notifier;
  daemons: ReadonlyMap<string, { spec: DaemonSpec; link: DaemonLink }>;
  updates: Updates;
  diagnostics(): Promise<string>;
  saveSettings(settings: Settings): void;
  relaunch: () => Promise<void>;
  /** The command that the desktop starts at login. */
  startCommand: () => readonly string[];
  tool: CliLink;
}

/** How long "Stop daemon and quit" waits for the stop, ms: the whole ladder, and a little. */
const STOP_AND_QUIT_MS = 12_000;

/** Carries out what a click asked for, in the window as in the menu. Never rejects: the error is for the user to read. */
export async function runCommand(command: Command, place: CommandPlace): Promise<CommandResult> {
  try {
    await carryOut(command, place);
    return { ok: true };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

async function carryOut(command: Command, place: CommandPlace): Promise<void> {
  const { store, window, notify } = place;
  switch (command.do) {
    case "open":
      return window.show();
    case "show-log":
      await window.show();
      return notify("navigate", "log");
    case "show-settings":
      return showSettings(place);
    case "hide":
      return window.hide();
    case "restart-server":
      return daemonOf(place, command.daemon).link.restartServer(command.server);
    case "copy-diagnostics":
      // Since Electron 44 it returns a promise.
      return void (await clipboard.writeText(await place.diagnostics()));
    case "check-updates":
      // What comes of it is told as a state, and that stands in the settings, wherever the wish came from.
      void place.updates.run();
      return showSettings(place);
    case "restart-to-update":
      return restartToUpdate(place);
    case "relaunch":
      await place.relaunch();
      return app.quit();
    case "install-command-line":
      return changeTool(installTool, place);
    case "remove-command-line":
      return changeTool(removeTool, place);
    case "dismiss-command-line":
      return tellOfTool(undefined, place);
    case "quit":
      return app.quit();
    case "stop-and-quit":
      await stopAll(place);
      return app.quit();
    case "change-setting":
      return changeSetting(withChange(store.state.settings, command.change), place);
    default:
      return daemonCommand(command.do, command.daemon, place);
  }
}

async function showSettings({ window, notify }: CommandPlace): Promise<void> {
  await window.show();
  notify("navigate", "settings");
}

async function restartToUpdate(place: CommandPlace): Promise<void> {
  try {
    place.updates.install(true);
  } catch (error) {
    await showSettings(place);
    throw error;
  }
  app.quit();
}

async function daemonCommand(what: DaemonCommand, id: string, place: CommandPlace): Promise<void> {
  const { spec } = daemonOf(place, id);
  const tell = (event: DaemonEvent): void => place.store.dispatch({ about: "daemon", id, event });
  switch (what) {
    case "start":
      return tell({ type: "startRequested" });
    case "stop":
      return tell({ type: "stopRequested" });
    case "restart":
      return tell({ type: "restartRequested" });
    case "restart-anyway":
      return tell({ type: "restartRequested", force: true });
    case "dismiss-problem":
      return tell({ type: "problemDismissed" });
    case "open-log-file":
      return openPath(spec.paths.log);
    case "open-folder":
      return openPath(spec.paths.dir);
    case "edit-servers":
      startServersFile(spec);
      return openPath(spec.paths.servers);
    case "select":
      place.store.dispatch({ about: "app", type: "selected", id });
      return place.window.show();
  }
}

function daemonOf({ daemons }: CommandPlace, id: string): { spec: DaemonSpec; link: DaemonLink } {
  const daemon = daemons.get(id);
  if (!daemon) throw new Error(`there is no daemon "${id}" in the list`);
  return daemon;
}

/** Electron answers with an error's text instead of rejecting. */
async function openPath(path: string): Promise<void> {
  const error = await shell.openPath(path);
  if (error !== "") throw new Error(`${path} could not be opened: ${error}`);
}

/** What the daemon does without a file, written down, so that there is something to edit. */
function startServersFile({ paths }: DaemonSpec): void {
  if (existsSync(paths.servers)) return;
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  const content = { mcpServers: { memory: { lockstep: { builtin: "memory" } } } };
  writeFileSync(paths.servers, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
}

function changeSetting(settings: Settings, place: CommandPlace): void {
  const { store } = place;
  const before = store.state.settings;
  if (settings.startAtLogin !== before.startAtLogin) setLoginItem(app, settings.startAtLogin, place.startCommand());
  if (settings.theme !== before.theme) nativeTheme.themeSource = settings.theme;
  place.saveSettings(settings);
  store.dispatch({ about: "app", type: "settings", settings });
}

/** The window is shown, since it says what came of it, also of a click in the menu. */
async function changeTool(change: (tool: CliLink) => CommandLineNotice, place: CommandPlace): Promise<void> {
  tellOfTool(change(place.tool), place);
  await place.window.show();
}

function tellOfTool(notice: CommandLineNotice | undefined, { store, tool }: CommandPlace): void {
  store.dispatch({ about: "app", type: "commandLine", commandLine: { is: commandLineState(tool), notice } });
}

/** Asks every daemon of ours to stop and waits, with a bound, until they have. */
async function stopAll({ store, daemons }: CommandPlace): Promise<void> {
  const ours = [...daemons.keys()].filter((id) => recordOf(store.state, id)?.control === "full");
  const left = (): string[] =>
    ours.filter((id) => {
      const record = recordOf(store.state, id);
      return record !== undefined && (record.operation !== undefined || liveOf(record.state) !== undefined);
    });
  for (const id of ours) store.dispatch({ about: "daemon", id, event: { type: "stopRequested" } });
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      reject(
        new Error(
          `the daemon did not stop within ${STOP_AND_QUIT_MS / 1000} s, so the app stays: ${left().join(", ")}`,
        ),
      );
    }, STOP_AND_QUIT_MS);
    const look = (): void => {
      if (left().length > 0) return;
      clearTimeout(late);
      resolve();
    };
    store.onChange(look);
    look();
  });
}
