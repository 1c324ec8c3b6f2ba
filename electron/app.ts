import { join } from "node:path";
import { app, ipcMain, nativeTheme, powerMonitor, session } from "electron";
import { lockstepSpec } from "../src/client/spec/lockstep-spec.js";
import type { DaemonSpec } from "../src/client/spec/daemon-spec.js";
import { homeOfUser } from "../src/state/user-entry.js";
import type { Installed } from "../src/version/identity.js";
import { clientName } from "../src/wire/handshake.js";
import { appCommands } from "./commands/app.js";
import { daemonCommands } from "./commands/daemon.js";
import { diagnosticsReport } from "./commands/diagnostics-report.js";
import { runCommand, type CommandGroups } from "./commands/run.js";
import { settingCommands } from "./commands/settings.js";
import { windowCommands, type ShowPage } from "./commands/window.js";
import { openDaemonLink, type DaemonLink } from "./daemon/daemon-link.js";
import { describeDaemons, listedDaemon, type ListedDaemon } from "./daemon/daemon-specs.js";
import { createOtherDaemons, type OtherDaemons } from "./daemon/other-daemons.js";
import { createLogRequests, type LogRequests } from "./daemon/log-requests.js";
import { performEffect, type NotifyEffect } from "./daemon/perform-effect.js";
import { commandLineState, type CliLink } from "./install/command-line-tool.js";
import { showError, WINDOW_FAILED } from "./failure/app-end.js";
import { presenter } from "./failure/present.js";
import { ownInstallation, type Installation } from "./install/installation.js";
import { followLoginItem, loginItemState, setLoginItem, startedHidden } from "./install/login-item.js";
import { watchLoginItem, type LoginItemWatch } from "./install/watch-login-item.js";
import { stagingReport } from "./install/staging-report.js";
import { watchInstalled } from "./install/watch-installed.js";
import type { Notifier } from "./ipc/schema.js";
import { notifierFor, serveIpc } from "./ipc/serve.js";
import type { DaemonId } from "./model/daemon/daemon-state.js";
import { initialState } from "./model/initial-state.js";
import { createStore, type Store } from "./model/store.js";
import { followSettings, type LiveSettings } from "./settings/live-settings.js";
import { readSettings } from "./settings/settings-file.js";
import { DEFAULT_SETTINGS } from "./settings/settings.js";
import { nativeMenu } from "./tray/native-menu.js";
import { followTrayHost } from "./tray/follow-tray-host.js";
import { watchTrayHost, type TrayHost } from "./tray/tray-host.js";
import { trayIconFile } from "./tray/tray-icon.js";
import { createTray, type TrayIcon } from "./tray/tray.js";
import type { Updates } from "./update/updates.js";
import { windowView } from "./view/build-view.js";
import { menuTemplate } from "./view/menu-template.js";
import { iconShape, tooltip } from "./view/tooltip.js";
import { setApplicationMenu } from "./window/application-menu.js";
import { serveScheme } from "./window/scheme.js";
import { denyTheRest } from "./window/security.js";
import { INDEX_URL } from "./window/served-file.js";
import type { WindowKind } from "./window/surface.js";
import { createWindow, type AppWindow, type PageCrash } from "./window/window.js";

const PRELOAD = join(__dirname, "preload.cjs");
const RENDERER = join(__dirname, "../renderer");
const ICONS = join(__dirname, "../icons");

/**
 * Puts the app together, once Electron is ready; resolves with its window. Everything is closed when `signal` aborts.
 * Rejects if a part can't be made.
 */
export async function openApp(updates: Updates, signal: AbortSignal): Promise<AppWindow> {
  const parts = await makeParts(updates, signal);
  connectParts(parts);
  await begin(parts);
  return parts.window;
}

interface Parts {
  /** Aborted when the app ends. */
  signal: AbortSignal;
  settingsFile: string;
  settings: LiveSettings;
  loginItem: LoginItemWatch;
  installation: Installation;
  own: DaemonSpec;
  /** Lockstep's own first. */
  listed: Map<DaemonId, ListedDaemon>;
  others: OtherDaemons;
  /** Empty until `begin`: a link starts to follow its daemon as soon as it is made. */
  links: Map<DaemonId, DaemonLink>;
  cliLink: CliLink;
  updates: Updates;
  store: Store;
  trayHost: TrayHost;
  tray: TrayIcon;
  window: AppWindow;
  notify: Notifier;
  logs: LogRequests;
}

/** Makes the parts; none acts yet. The window needs the tray icon, and the notifier the window. */
async function makeParts(updates: Updates, signal: AbortSignal): Promise<Parts> {
  const settingsFile = join(app.getPath("userData"), "settings.json");
  const { settings = DEFAULT_SETTINGS, problems } = readSettings(settingsFile, homeOfUser(process.env));
  for (const problem of problems) console.error(`settings: ${problem}`);
  nativeTheme.themeSource = settings.theme;
  setApplicationMenu();

  const installation = ownInstallation(app);
  const { codeDir, execPath, commandLine: program } = installation;
  const own = lockstepSpec({ codeDir, execPath, env: process.env, electron: true });
  const listed = new Map<DaemonId, ListedDaemon>([[own.name, { control: "full", spec: own }]]);
  const links = new Map<DaemonId, DaemonLink>();
  const home = homeOfUser(process.env);
  const cliLink = { program, platform: process.platform, home, env: process.env };
  const { version, buildId } = installation.own;
  const platform = process.platform === "darwin" ? "darwin" : "linux";
  const { pid } = process;
  const self = clientName({ role: "tray", pid });
  const facts = { pid, self, home, version, buildId, platform, update: updates.state } as const;
  const first = initialState(
    { daemons: describeDaemons(listed), app: facts, settings, settingsProblems: problems },
    Date.now(),
  );
  const store = createStore(first, (effect) =>
    performEffect(effect, {
      links,
      windowIsVisible: () => isVisible(window),
      onClick: (notification) => showWhatIsNotified(notification, { store, window, notify }),
    }),
  );
  const others = createOtherDaemons(listed, store, app.getVersion());
  const loginItem = watchLoginItem(app, (is) => {
    if (is !== store.state.app.loginItem) store.dispatch({ about: "app", type: "loginItem", is });
  });
  const live = followSettings(settingsFile, homeOfUser(process.env), store, (next, before) => {
    nativeTheme.themeSource = next.theme;
    others.set(next.otherDaemons);
    if (next.startAtLogin !== before.startAtLogin) setStartAtLogin(next.startAtLogin, installation, loginItem);
  });

  // Without "persist:" the session is kept in memory: the window stores nothing.
  const windowSession = session.fromPartition("window");
  denyTheRest(app, windowSession);
  serveScheme(windowSession, RENDERER);
  const trayHost = await watchTrayHost(process.env);
  signal.addEventListener("abort", () => trayHost.close());
  const tray = createTray(trayIconFile(ICONS, "looking", settings.icon, process.platform));
  signal.addEventListener("abort", () => tray.destroy());
  const kind = (): WindowKind => (trayHost.isThere() ? "popover" : "ordinary");
  const window = createWindow({
    icon: tray,
    kind,
    session: windowSession,
    preload: PRELOAD,
    devTools: !app.isPackaged,
    onError: (error) => void showError(WINDOW_FAILED, error),
  });
  const notify = notifierFor(() => window.browserWindow()?.webContents);
  const logs = createLogRequests((id) => listedDaemon(listed, id).spec.paths.log, notify);
  return {
    signal,
    settingsFile,
    settings: live,
    loginItem,
    installation,
    own,
    listed,
    others,
    links,
    cliLink,
    updates,
    store,
    trayHost,
    tray,
    window,
    notify,
    logs,
  };
}

/** Changes of the store are drawn in tray and window, whose commands change the store. */
function connectParts(parts: Parts): void {
  const { store, tray, window, notify, logs, links, others, updates, settings, loginItem, signal } = parts;
  const commands = commandsOf(parts);
  const present = presenter(store, window);
  const draw = (): void => {
    if (signal.aborted) return;
    const { state } = store;
    tray.update({
      icon: trayIconFile(ICONS, iconShape(state), state.settings.icon, process.platform),
      tooltip: tooltip(state),
      menu: nativeMenu(menuTemplate(state), (command, label) => {
        runCommand(command, commands).catch((error: unknown) => present(`“${label}” failed`, error));
      }),
    });
    // A hidden window gets the view when it is shown again.
    if (isVisible(window)) notify.view.changed(windowView(state));
  };
  store.onChange(draw);
  draw();
  serveIpc(
    ipcMain,
    INDEX_URL,
    {
      view: {
        get: () => {
          window.pageRuns();
          return windowView(store.state);
        },
      },
      command: { run: (command) => runCommand(command, commands) },
      log: {
        page: (request) => logs.page(request),
        search: (request) => logs.search(request),
        follow: (request) => logs.follow(request),
      },
    },
    (channel, error) => console.error(`refused a message on ${channel}: ${error.message}`),
  );
  window.onShown(() => {
    loginItem.look();
    notify.view.changed(windowView(store.state));
    logs.shown();
  });
  window.onHidden(() => logs.hidden());
  window.onKind((kind) => {
    if (kind === "ordinary") {
      console.error("This desktop shows no tray icons, so Lockstep is an ordinary window; closing it quits the app.");
    }
    store.dispatch({ about: "app", type: "withoutTray", withoutTray: kind === "ordinary" ? "announced" : "no" });
  });
  window.onCrash((crash) => reportCrash(crash, store));
  // The page that followed the log has ended.
  app.on("render-process-gone", () => logs.close());
  app.on("web-contents-created", (_event, contents) => contents.once("destroyed", () => logs.close()));
  updates.onChange((update) => store.dispatch({ about: "app", type: "update", update }));
  powerMonitor.on("suspend", () => store.dispatch({ about: "machine", type: "suspend" }));
  powerMonitor.on("resume", () => store.dispatch({ about: "machine", type: "resume" }));
  signal.addEventListener("abort", () => {
    updates.close();
    logs.close();
    store.close();
    for (const link of links.values()) link.close();
    others.close();
    settings.close();
    loginItem.close();
  });
}

function commandsOf({
  store,
  listed,
  links,
  window,
  notify,
  settingsFile,
  settings,
  loginItem,
  ...parts
}: Parts): CommandGroups {
  const { installation, updates, cliLink } = parts;
  const showWindow = (): Promise<void> => window.show();
  const showPage: ShowPage = async (page) => {
    await window.show();
    notify.view.navigate(page);
  };
  const { relaunch } = installation;
  const diagnostics = (): Promise<string> => diagnosticsReport(store.state, listed);
  return {
    window: windowCommands(window, showPage),
    daemon: daemonCommands({ store, listed, links, showWindow }),
    settings: settingCommands({
      settingsFile,
      takeUp: () => settings.takeUp(),
      setStartAtLogin: (on) => setStartAtLogin(on, installation, loginItem),
    }),
    app: appCommands({ store, updates, cliLink, diagnostics, relaunch, showWindow, showPage }),
  };
}

/** Opens the links, stages what the daemon runs from, and starts Lockstep's own daemon. */
async function begin({ store, others, own, links, installation, updates, ...parts }: Parts): Promise<void> {
  const { cliLink, window, tray, trayHost, signal } = parts;
  const report = stagingReport((staging) => store.dispatch({ about: "app", type: "staging", staging }));
  const prepare = (): Promise<void> => installation.prepare(report);
  const link = openDaemonLink({
    spec: own,
    version: app.getVersion(),
    onEvent: (event) => store.dispatch({ about: "daemon", id: own.name, event }),
    prepare,
  });
  links.set(own.name, link);
  others.set(store.state.settings.otherDaemons);
  const onInstalled = (installed: Installed): void => {
    const { version, buildId } = installed;
    store.dispatch({ about: "app", type: "installed", installed: { version, buildId } });
    store.dispatch({ about: "daemon", id: own.name, event: { type: "installed", installed } });
  };
  // Prepared or not, there may be an installation to watch.
  const afterPreparing = (): void => {
    signal.addEventListener("abort", watchInstalled(installation.codeDir, own, onInstalled));
    store.dispatch({ about: "app", type: "commandLine", commandLine: commandLineState(cliLink) });
    if (store.state.settings.startAtLogin) keepLoginItem(installation);
  };
  void prepare().then(afterPreparing, afterPreparing);
  const followSetting = (): void => updates.setAutomatic(store.state.settings.autoUpdate);
  store.onChange(followSetting);
  followSetting();
  // Starting the app is the user's act: the whole handshake, with a restart if the daemon's version differs.
  store.dispatch({ about: "daemon", id: own.name, event: { type: "appOpened" } });
  await followTrayHost(trayHost, tray, window, startedHidden(app, process.argv));
}

function setStartAtLogin(on: boolean, { startCommand }: Installation, loginItem: LoginItemWatch): void {
  if ((loginItemState(app) === "enabled") !== on) setLoginItem(app, on, startCommand());
  loginItem.look();
}

/** Says that the page crashed: in the window where it is back, else in a dialog. */
function reportCrash({ reason, again, kind }: PageCrash, store: Store): void {
  const what = `Its process ended unexpectedly (${reason}).`;
  console.error(`The window's page crashed (${reason}); ${again ? "it is loaded again" : "its window was closed"}.`);
  if (again) {
    const notice = { tone: "warn", title: "The window was loaded again", text: what } as const;
    return store.dispatch({ about: "app", type: "notice", notice });
  }
  const way = kind === "popover" ? "A click on the icon opens it again." : "Lockstep ends; the daemon keeps running.";
  const told = showError("Lockstep’s window keeps crashing", new Error(`${what} ${way}`));
  // Without an icon and a window the app would be out of reach.
  if (kind === "ordinary") void told.finally(() => app.exit(1));
}

/** For a click on a notification. */
function showWhatIsNotified(
  effect: NotifyEffect,
  { store, window, notify }: Pick<Parts, "store" | "window" | "notify">,
) {
  if (effect.about !== "update-ready") store.dispatch({ about: "app", type: "selected", id: effect.daemon });
  const shown = window
    .show()
    .then(() => notify.view.navigate(effect.about === "update-ready" ? "settings" : "overview"));
  shown.catch((error: unknown) => presenter(store, window)(effect.title, error));
}

function keepLoginItem(installation: Installation): void {
  try {
    followLoginItem(app, installation.startCommand());
  } catch (error) {
    console.error(`start at login: ${(error as Error).message}`);
  }
}

function isVisible(window: AppWindow): boolean {
  return window.browserWindow()?.isVisible() ?? false;
}
