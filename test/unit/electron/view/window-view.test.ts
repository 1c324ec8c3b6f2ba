import { describe, expect, it } from "vitest";
import { windowView } from "../../../../electron/view/build-view.js";
import type { DaemonView } from "../../../../electron/view/window-view.js";
import { lineText } from "../../../../src/text/ticking-line.js";
import { beat, connected, installed, running, Story, T0 } from "../../../fixtures/app/app-story.js";
import { windowStates } from "../../../fixtures/app/window-states.js";

const STATES = windowStates();

/** The first thing that one reads: shape, title, line, and what can be clicked beside it. */
function headline(name: string): (string | undefined)[] {
  const state = STATES[name];
  if (!state) throw new Error(`no state ${name}`);
  const { shape, title, line, primary } = state.view.daemon;
  return [shape, title, lineText(line, state.now), primary?.label];
}

describe("the window", () => {
  it.each([
    ["looking", ["looking", "Checking", "Looking for a running daemon", undefined]],
    ["starting", ["starting", "Starting", "Version 1.4.0", undefined]],
    ["in step", ["running", "In step", "Daemon and app are both 1.4.0", "Restart"]],
    ["out of step", ["drifted", "Out of step", "Daemon 1.3.2 is older than the installed 1.4.0", "Restart"]],
    ["out of step, relaunch", ["drifted", "Out of step", "Daemon 1.4.0 is older than the installed 1.5.0", "Restart"]],
    [
      "out of step, newer elsewhere",
      ["drifted", "Out of step", "Daemon 1.5.0-rc.1-12-g0a1b2c3 is newer than the installed 1.4.0", undefined],
    ],
    ["restarting", ["draining", "Restarting", "Requested by this app", undefined]],
    ["restarted by another", ["starting", "Starting", "Another program is restarting it", undefined]],
    ["stopping", ["draining", "Stopping", "Ending PID 48213", undefined]],
    ["not responding", ["unresponsive", "Not responding", "No heartbeat for 15 s", "Replace"]],
    ["not answering", ["unresponsive", "Not responding", "It accepts connections but doesn’t answer", "Replace"]],
    ["stopped unexpectedly", ["failed", "Stopped unexpectedly", "Starting again in 1 s", "Start now"]],
    ["could not start", ["failed", "Couldn’t start", "Starting again in 1 s", "Start now"]],
    ["keeps crashing", ["failed", "Keeps crashing", "It won’t be started automatically", "Start now"]],
    ["incompatible versions", ["failed", "Incompatible versions", "Nothing was changed", "Restart anyway"]],
    ["unreachable", ["failed", "Can’t reach the daemon", "Its socket can’t be used", "Start now"]],
    ["restart refused", ["running", "In step", "Daemon and app are both 1.4.0", "Restart anyway"]],
    ["stopped", ["stopped", "Stopped", "By a terminal (PID 812), 12 min 34 s ago", "Start"]],
    ["not running", ["stopped", "Not running", "Start it to serve your tools", "Start"]],
    ["read-only daemon", ["running", "Running", "Version 0.9.2", undefined]],
  ])("shows shape, title, line and button of a daemon that is %s", (name, words) => {
    expect(headline(name)).toEqual(words);
  });

  it("shows banners for the states that need more than a line", () => {
    const banners = Object.entries(STATES).map(([name, { view }]) => [
      name,
      view.daemon.banners.map(({ title }) => title),
    ]);
    expect(Object.fromEntries(banners.filter(([, titles]) => titles?.length))).toEqual({
      "preparing an AppImage": ["Preparing Lockstep 1.4.0"],
      "out of step, newer AppImage not prepared": [
        "Lockstep 1.4.0 couldn’t be prepared",
        "The daemon isn’t the installed version",
      ],
      "out of step": ["The daemon isn’t the installed version", "3 calls are running"],
      "out of step, relaunch": ["Lockstep 1.5.0 was installed", "1 call is running"],
      "out of step, newer elsewhere": ["The daemon belongs to another installation"],
      "not responding": ["Process 48213 isn’t responding"],
      "not answering": ["The process isn’t responding"],
      "stopped unexpectedly": ["Details"],
      "could not start": ["Error"],
      "keeps crashing": ["Last error"],
      "incompatible versions": ["Reason"],
      unreachable: ["Error"],
      "restart refused": ["Restart refused"],
      "update ready": ["Update 1.5.0 is ready"],
    });
  });

  it("shows the operation under way, and how long it may take", () => {
    const progress = (name: string) => STATES[name]?.view.daemon.progress;
    expect(progress("starting")?.text).toBe("Starting 1.4.0");
    expect(progress("starting, waiting for another")).toEqual({
      text: "Waiting for the restart lock, held by a terminal (PID 812)",
      since: T0,
      until: T0 + 60_000,
    });
    expect(progress("restarting")?.text).toBe("2 running calls may still finish");
    expect(progress("stopping")?.text).toBe("Asked PID 48213 to stop; running calls may finish");
    expect(progress("in step")).toBeUndefined();
  });

  it("shows the facts of a running daemon", () => {
    const facts = STATES["in step"]?.view.daemon.facts.map(({ label, value }) => [
      label,
      lineText(value, STATES["in step"]!.now),
    ]);
    expect(facts).toEqual([
      ["PID", "48213"],
      ["Uptime", "3 h 4 min"],
      ["Started by", "this app"],
      ["Clients", "6"],
      ["Memory", "44 MB"],
      ["Calls", "1,919"],
    ]);
  });

  it("shows the reason, the actor and the interrupted calls of the last restart, also after newer events", () => {
    expect(STATES["in step"]?.view.daemon.recentEvents[1]?.details[0]).toBe(
      "by this app · interrupted 2 calls: memory/search_nodes ×2 · took 412 ms",
    );
    expect(STATES["keeps crashing"]?.view.daemon.lastRestart?.title).toBe("Restarted 1.3.2 → 1.4.0, out of step");
  });

  it("shows whether the desktop will start the app at login, whatever the settings say", () => {
    const story = new Story();
    story.state = { ...story.state, settings: { ...story.state.settings, startAtLogin: true } };
    const shown = (is: "absent" | "enabled" | "disabled"): boolean[] => {
      const { settings, app } = windowView(story.hear({ about: "app", type: "loginItem", is }).state);
      return [settings.startAtLogin, app.loginItemDisabled];
    };
    expect([shown("absent"), shown("enabled"), shown("disabled")]).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ]);
  });

  it("offers to install the command that the introduction shows, where the app can and it is not there", () => {
    const offered = (is: "not-offered" | "absent" | "installed"): string | undefined => {
      const story = new Story().hear({ about: "app", type: "commandLine", commandLine: is });
      return windowView(story.state).app.installCommandLine?.label;
    };
    expect([offered("absent"), offered("installed"), offered("not-offered")]).toEqual([
      "Install command-line tool",
      undefined,
      undefined,
    ]);
  });

  it("names the first setting that can't be used, with the way to the file", () => {
    const { settings } = new Story().state;
    const problems = ["/h/.config/lockstep/settings.json:3:1 isn't valid JSON", "another"];
    const story = new Story().hear({ about: "app", type: "settings", settings, problems });
    expect(windowView(story.state).daemon.banners).toMatchObject([
      {
        title: "A setting can’t be used",
        text: "~/.config/lockstep/settings.json:3:1 isn't valid JSON. And 1 more problem.",
        button: { command: { do: "edit-settings" } },
      },
    ]);
  });

  it("offers no lifecycle action for a read-only daemon", () => {
    const { actions, servers } = STATES["read-only daemon"]!.view.daemon;
    expect(actions.flat().map(({ label }) => label)).toEqual([
      "Open log file",
      "Open state directory",
      "Copy diagnostics",
      "Edit settings.json",
      "Quit (daemon keeps running)",
      "Stop daemon and quit",
    ]);
    expect(servers).toEqual({ is: "unknown" });
  });

  it("shows the state of each server, with a restart where that makes sense", () => {
    const servers = (view: DaemonView) => (view.servers.is === "some" ? view.servers.servers : []);
    const rows = servers(STATES["in step"]!.view.daemon);
    expect(rows.map(({ name, words, sessions, calls }) => [name, words, sessions, calls])).toEqual([
      ["memory", undefined, "4 clients", "812 calls"],
      ["filesystem", undefined, "2 clients", "1,090 calls"],
      ["everything", "idle", "0 clients", "0 calls"],
      ["browser", "failing", "1 client", "17 calls"],
    ]);
    expect(rows[2]?.full).toContain("stopped, starts on use");
    expect(rows[3]?.problem).toContain("command not found");
    const crowded = servers(STATES["in step, crowded"]!.view.daemon);
    expect(crowded.find(({ name }) => name === "broken")?.restart).toBeUndefined();
    expect(crowded.find(({ name }) => name === "a")?.restart?.enabled).toBe(false);
  });
});

describe("the window's view", () => {
  it("is plain data that IPC can clone", () => {
    for (const { view } of Object.values(STATES)) expect(structuredClone(view)).toEqual(view);
  });

  it("does not depend on the current time", () => {
    const story = running().tell(beat());
    expect(windowView(story.state)).toEqual(windowView(structuredClone(story.state)));
  });

  it("stays small, however long a daemon lives", () => {
    const story = running();
    const added = Array.from({ length: 5000 }, (_, n) => ({
      key: String(n),
      at: T0,
      breadcrumb: { kind: "ready", pid: n } as const,
    }));
    story.tell({ type: "breadcrumbs", added });
    for (let n = 0; n < 1000; n++) story.tell(beat({ seq: n })).pass(1000);
    expect(JSON.stringify(windowView(story.state)).length).toBeLessThan(30_000);
  });

  it("shows a daemon of unknown version", () => {
    const story = running().tell(connected({ version: "" }, installed()));
    expect(windowView(story.state).daemon.line).toBe("Daemon of unknown version and the installed 1.4.0 differ");
  });
});
