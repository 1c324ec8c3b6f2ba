import { hostname, homedir, release, userInfo } from "node:os";
import { join } from "node:path";
import { app, ipcMain, nativeTheme, Notification, powerMonitor, session } from "electron";
import { foreignSpec } from "../src/client/spec/foreign-spec.js";
import { secretsOfFile } from "../src/config/file-secrets.js";
import { lockstepSpec } from "../src/client/spec/lockstep-spec.js";
import type { DaemonSpec } from "../src/client/spec/daemon-spec.js";
import type { Installed } from "../src/version/identity.js";
import type { AppState, StagingState, UpdateState } from "./model/app-state.js";
import { newRecord, type DaemonRecord } from "./model/daemon/daemon-state.js";
import { diagnosticsText } from "./view/diagnostics.js";
import type { DaemonEvent, Effect } from "./model/events.js";
import { iconShape, menuTemplate, tooltip } from "./view/menu-template.js";
import type { Private } from "./view/scrub.js";
import type { OtherDaemon, Settings } from "./settings/settings.js";
import { runCommand, type CommandPlace } from "./commands/run.js";
import { commandLineState, type CliLink } from "./install/command-line-tool.js";
import { openDaemonLink, type DaemonLink } from "./daemon/daemon-link.js";
import { notifierFor, serveIpc } from "./ipc/serve.js";
import { ownInstallation, type Installation } from "./install/installation.js";
import { createLogRequests } from "./daemon/log-requests.js";
import { followLoginItem, startedHidden } from "./install/login-item.js";
import { nativeMenu } from "./tray/native-menu.js";
import { watchInstalled } from "./install/watch-installed.js";
import { serveScheme } from "./window/scheme.js";
import { denyTheRest } from "./window/security.js";
import { INDEX_URL } from "./window/served-file.js";
import { readSettings, writeSettings } from "./settings/settings-file.js";
import { createStore, type Store } from "./model/store.js";
import { desktopShowsTray } from "./tray/tray-host.js";
import { trayIconFile } from "./tray/tray-icon.js";
import { createTray } from "./tray/tray.js";
import type { Updates } from "./update/updates.js";
import { windowView } from "./view/build-view.js";
import { createWindow, type AppWindow } from "./window/window.js";

const PRELOAD = join(__dirname, "preload.cjs");
const RENDERER = join(__dirname, "../renderer");
const ICONS = join(__dirname, "../icons");
/** What takes longer than this, ms, is told. */
const SAY_AFTER_MS = 1_000;

interface Daemon {
  spec: DaemonSpec;
  link: DaemonLink;
}

/** Puts the app together, when Electron is ready; resolves with its window. */
export async function openApp(updates: Updates): Promise<AppWindow> {
  const settingsFile = join(app.getPath("userData"), "settings.json");
  const { settings, problems } = readSettings(settingsFile);
  for (const problem of problems) console.error(`settings: ${problem}`);
  nativeTheme.themeSource = settings.theme;

  const installation = ownInstallation(app);
  const own = lockstepSpec({ ...installation, env: process.env, electron: true });
  const specs = new Map<string, DaemonSpec>([[own.name, own], ...settings.otherDaemons.map(specOfOther)]);
  const tool: CliLink = {
    program: installation.commandLine,
    platform: process.platform,
    home: homedir(),
    env: process.env,
  };
  const daemons = new Map<string, Daemon>();
  const store = createStore(initialState(specs, own, installation, settings, updates.state), (effect) =>
    perform(effect, daemons, () => window.browserWindow()?.isVisible() ?? false),
  );

  // Without "persist:" it is kept in memory: the window stores nothing.
  const windowSession = session.fromPartition("window");
  denyTheRest(app, windowSession);
  serveScheme(windowSession, RENDERER);
  const tray = createTray(trayIconFile(ICONS, "looking", settings.icon, process.platform));
  const ordinary = !(await desktopShowsTray());
  const window = await createWindow({ tray: tray.tray, session: windowSession, preload: PRELOAD, ordinary });
  const notify = notifierFor(() => window.browserWindow()?.webContents);
  const place: CommandPlace = {
    store,
    window,
    notify,
    daemons,
    updates,
    diagnostics: async () => diagnosticsText(store.state, machineFacts(), await secretsOfHere(specs), Date.now()),
    saveSettings: (changed) => writeSettings(settingsFile, changed),
    relaunch: installation.relaunch,
    startCommand: installation.startCommand,
    tool,
  };

  const look = (): void => {
    const { state } = store;
    tray.update({
      icon: trayIconFile(ICONS, iconShape(state), state.settings.icon, process.platform),
      tooltip: tooltip(state),
      menu: nativeMenu(menuTemplate(state), (command) => void runCommand(command, place)),
    });
    // A hidden window asks for the view when it is shown again.
    if (window.browserWindow()?.isVisible()) notify("viewChanged", windowView(state));
  };
  store.onChange(look);
  look();
  const logs = createLogRequests((id) => specOf(specs, id).paths.log, notify);
  serveIpc(
    ipcMain,
    INDEX_URL,
    {
      getView: () => windowView(store.state),
      command: (command) => runCommand(command, place),
      logPage: (request) => logs.page(request),
      logSearch: (request) => logs.search(request),
      logFollow: (request) => logs.follow(request),
    },
    (channel, error) => console.error(`refused a message on ${channel}: ${error.message}`),
  );
  window.onShown(() => {
    notify("viewChanged", windowView(store.state));
    logs.shown();
  });
  window.onHidden(() => logs.hidden());
  // Whoever followed the log is gone with its page.
  app.on("render-process-gone", () => logs.close());

  const prepare = (): Promise<void> => installation.prepare(tellOfStaging(store));
  for (const [id, spec] of specs) {
    const ready = spec === own ? prepare : () => Promise.resolve();
    daemons.set(id, { spec, link: linkTo(id, spec, store, ready) });
  }
  const onInstalled = (installed: Installed): void => {
    const { version, buildId } = installed;
    store.dispatch({ about: "app", type: "installed", installed: { version, buildId } });
    store.dispatch({ about: "daemon", id: own.name, event: { type: "installed", installed } });
  };
  let unwatch = (): void => undefined;
  const prepared = (): void => {
    unwatch = watchInstalled(installation.codeDir, own, onInstalled);
    store.dispatch({
      about: "app",
      type: "commandLine",
      commandLine: { is: commandLineState(tool), notice: undefined },
    });
    if (settings.startAtLogin) keepLoginItem(installation);
  };
  void prepare().then(prepared, prepared);
  updates.onChange((update) => store.dispatch({ about: "app", type: "update", update }));
  updates.schedule(() => store.state.settings.autoUpdate);
  powerMonitor.on("suspend", () => store.dispatch({ about: "machine", type: "suspend" }));
  powerMonitor.on("resume", () => store.dispatch({ about: "machine", type: "resume" }));
  app.on("will-quit", () => {
    unwatch();
    updates.close();
    logs.close();
    store.close();
    for (const { link } of daemons.values()) link.close();
  });
  // The app's own start is the user's act: the whole handshake, with a restart if the daemon is out of step.
  store.dispatch({ about: "daemon", id: own.name, event: { type: "startRequested" } });
  if (ordinary) {
    console.error("This desktop shows no tray icons: Lockstep is in its window; a second start shows it again.");
    if (!startedHidden(app, process.argv)) await window.show();
  }
  return window;
}

function linkTo(id: string, spec: DaemonSpec, store: Store, prepare: () => Promise<void>): DaemonLink {
  const onEvent = (event: DaemonEvent): void => store.dispatch({ about: "daemon", id, event });
  return openDaemonLink({ spec, version: app.getVersion(), onEvent, prepare });
}

function keepLoginItem(installation: Installation): void {
  try {
    followLoginItem(app, installation.startCommand());
  } catch (error) {
    console.error(`start at login: ${(error as Error).message}`);
  }
}

/** A copy that is done at once is not worth a word. */
function tellOfStaging(store: Store): (staging: StagingState | undefined) => void {
  let later: NodeJS.Timeout | undefined;
  return (staging) => {
    const tell = (): void => store.dispatch({ about: "app", type: "staging", staging });
    clearTimeout(later);
    if (staging?.is === "copying") later = setTimeout(tell, SAY_AFTER_MS);
    else tell();
  };
}

function perform(effect: Effect, daemons: ReadonlyMap<string, Daemon>, windowIsVisible: () => boolean): void {
  if (effect.do === "notify") {
    if (effect.about === "update-ready" && windowIsVisible()) return;
    if (Notification.isSupported()) new Notification({ title: effect.title, body: effect.body }).show();
    return;
  }
  daemons.get(effect.daemon)?.link.perform(effect);
}

function initialState(
  specs: ReadonlyMap<string, DaemonSpec>,
  own: DaemonSpec,
  { own: { version, buildId } }: Installation,
  settings: Settings,
  update: UpdateState,
): AppState {
  const record = ([id, spec]: [string, DaemonSpec]): DaemonRecord => {
    const control = spec === own ? "full" : "read-only";
    return newRecord({ id, name: spec.name, control, paths: { dir: spec.paths.dir, log: spec.paths.log } }, Date.now());
  };
  return {
    daemons: [...specs].map(record),
    selected: own.name,
    app: {
      pid: process.pid,
      home: homedir(),
      version,
      buildId,
      platform: process.platform === "darwin" ? "darwin" : "linux",
      onDisk: undefined,
      update,
      staging: undefined,
      commandLine: { is: "not-offered", notice: undefined },
    },
    settings,
    asleep: false,
  };
}

/** Another tool's daemon is only looked at, so what would be installed or started never comes up. */
function specOfOther({ name, directory }: OtherDaemon): [string, DaemonSpec] {
  const unknown = (): never => {
    throw new Error(`${name} is another tool's daemon: it is only looked at`);
  };
  const spec = foreignSpec({
    name,
    directory,
    installedVersion: unknown,
    root: directory,
    command: { file: "/nonexistent", args: [] },
  });
  return [name, spec];
}

function specOf(specs: ReadonlyMap<string, DaemonSpec>, id: string): DaemonSpec {
  const spec = specs.get(id);
  if (!spec) throw new Error(`there is no daemon "${id}" in the list`);
  return spec;
}

function machineFacts(): { os: string; node: string; electron: string; desktop: string } {
  return {
    os: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    electron: process.versions.electron,
    desktop: process.env["XDG_CURRENT_DESKTOP"] ?? "unknown",
  };
}

/** What a report must not tell; read when asked, since servers.json may have changed a moment ago. */
async function secretsOfHere(specs: ReadonlyMap<string, DaemonSpec>): Promise<Private> {
  const secrets = await Promise.all([...specs.values()].map(({ paths }) => secretsOfFile(paths.servers, process.env)));
  return { home: homedir(), user: userInfo().username, host: hostname(), secrets: secrets.flat() };
}
