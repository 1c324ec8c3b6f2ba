import { describe, expect, it } from "vitest";
import { windowView } from "../../../../electron/view/build-view.js";
import type { DaemonView } from "../../../../electron/view/window-view.js";
import { lineText } from "../../../../src/text/ticking-line.js";
import { beat, connected, installed, running, T0 } from "../../../fixtures/app/app-story.js";
import { windowStates } from "../../../fixtures/app/window-states.js";

const STATES = windowStates();

/** The first thing that one reads: shape, title, line, and what can be clicked beside it. */
function headline(name: string): (string | undefined)[] {
  const state = STATES[name];
  if (!state) throw new Error(`no state ${name}`);
  const { shape, title, line, primary } = state.view.daemon;
  return [shape, title, lineText(line, state.now), primary?.label];
}

describe("the window says", () => {
  it.each([
    ["looking", ["looking", "Looking", "Is a daemon running?", undefined]],
    ["starting", ["starting", "Starting", "Version 1.4.0", undefined]],
    ["in step", ["running", "In step", "Daemon and app are both 1.4.0", "Restart"]],
    ["out of step", ["drifted", "Out of step", "Daemon 1.3.2 is older than the installed 1.4.0", "Restart"]],
    ["out of step, relaunch", ["drifted", "Out of step", "Daemon 1.4.0 is older than the installed 1.5.0", "Restart"]],
    [
      "out of step, newer elsewhere",
      ["drifted", "Out of step", "Daemon 1.5.0-rc.1-12-g0a1b2c3 is newer than the installed 1.4.0", undefined],
    ],
    ["restarting", ["draining", "Restarting", "Asked by this app", undefined]],
    ["restarted by another", ["starting", "Starting", "Another program restarts it", undefined]],
    ["stopping", ["draining", "Stopping", "Ending PID 48213", undefined]],
    ["not responding", ["unresponsive", "Not responding", "No heartbeat for 15 s", "Replace"]],
    ["not answering", ["unresponsive", "Not responding", "It accepts connections, but does not answer", "Replace"]],
    ["stopped unexpectedly", ["failed", "Stopped unexpectedly", "Starting again in 1 s", "Start now"]],
    ["could not start", ["failed", "Could not start", "Starting again in 1 s", "Start now"]],
    ["keeps crashing", ["failed", "Keeps crashing", "Not started again until you say so", "Start now"]],
    ["versions do not fit", ["failed", "Versions do not fit", "Nothing was changed", "Restart anyway"]],
    ["out of reach", ["failed", "Out of reach", "Its socket cannot be used", "Start now"]],
    ["restart refused", ["running", "In step", "Daemon and app are both 1.4.0", "Restart anyway"]],
    ["stopped", ["stopped", "Stopped", "By a terminal (PID 812), 12 min 34 s ago", "Start"]],
    ["not running", ["stopped", "Not running", "Start it to serve your tools", "Start"]],
    ["read-only daemon", ["running", "Running", "Version 0.9.2", undefined]],
  ])("of a daemon that is %s what it is", (name, words) => {
    expect(headline(name)).toEqual(words);
  });

  it("what each state needs to be said besides", () => {
    const banners = Object.entries(STATES).map(([name, { view }]) => [
      name,
      view.daemon.banners.map(({ title }) => title),
    ]);
    expect(Object.fromEntries(banners.filter(([, titles]) => titles?.length))).toEqual({
      "preparing an AppImage": ["Preparing Lockstep 1.4.0"],
      "in step, newer AppImage not in place": ["Lockstep 1.4.0 is not in place"],
      "out of step": ["3 calls are running"],
      "out of step, relaunch": ["Lockstep 1.5.0 was installed", "1 call is running"],
      "out of step, newer elsewhere": ["It belongs to another installation"],
      "not responding": ["Process 48213 says nothing"],
      "not answering": ["The process says nothing"],
      "stopped unexpectedly": ["What is known"],
      "could not start": ["The error"],
      "keeps crashing": ["The last error"],
      "versions do not fit": ["Why"],
      "out of reach": ["The error"],
      "restart refused": ["Restart refused"],
      "update ready": ["Update 1.5.0 is ready"],
    });
  });

  it("what is under way, and how long it may take", () => {
    const progress = (name: string) => STATES[name]?.view.daemon.progress;
    expect(progress("starting")?.text).toBe("Starting 1.4.0");
    expect(progress("starting, waiting for another")).toEqual({
      text: "Waiting for the restart lock, held by a terminal (PID 812)",
      since: T0,
      until: T0 + 60_000,
    });
    expect(progress("restarting")?.text).toBe("2 running calls may still finish");
    expect(progress("stopping")?.text).toBe("Asked PID 48213 to end; running calls may finish");
    expect(progress("in step")).toBeUndefined();
  });

  it("the facts of a daemon that runs", () => {
    const facts = STATES["in step"]?.view.daemon.facts.map(({ label, value }) => [
      label,
      lineText(value, STATES["in step"]!.now),
    ]);
    expect(facts).toEqual([
      ["PID", "48213"],
      ["Up", "3 h 4 min"],
      ["Started by", "this app"],
      ["Clients", "6"],
      ["Memory", "44 MB"],
      ["Calls", "1,919"],
    ]);
  });

  it("why the last restart happened, by whom and what it cut off, also when other things happened since", () => {
    expect(STATES["in step"]?.view.daemon.recentEvents[1]?.details[0]).toBe(
      "by this app · cut off 2 calls: memory/search_nodes ×2 · took 412 ms",
    );
    expect(STATES["keeps crashing"]?.view.daemon.lastRestart?.title).toBe("Restarted 1.3.2 → 1.4.0, out of step");
  });

  it("nothing to click at a read-only daemon but looking", () => {
    const { actions, servers } = STATES["read-only daemon"]!.view.daemon;
    expect(actions.flat().map(({ label }) => label)).toEqual([
      "Open log file",
      "Open state directory",
      "Copy diagnostics",
      "Quit (daemon keeps running)",
      "Stop daemon and quit",
    ]);
    expect(servers).toEqual({ is: "unknown" });
  });

  it("of each server how it is, with a restart where that makes sense", () => {
    const servers = (view: DaemonView) => (view.servers.is === "some" ? view.servers.servers : []);
    const rows = servers(STATES["in step"]!.view.daemon);
    expect(rows.map(({ name, words, sessions, calls }) => [name, words, sessions, calls])).toEqual([
      ["memory", undefined, "4 clients", "812 calls"],
      ["filesystem", undefined, "2 clients", "1,090 calls"],
      ["everything", "asleep", "0 clients", "0 calls"],
      ["browser", "failing", "1 client", "17 calls"],
    ]);
    expect(rows[3]?.problem).toContain("command not found");
    const crowded = servers(STATES["in step, crowded"]!.view.daemon);
    expect(crowded.find(({ name }) => name === "broken")?.restart).toBeUndefined();
    expect(crowded.find(({ name }) => name === "a")?.restart?.enabled).toBe(false);
  });
});

describe("the view", () => {
  it("is plain data, as the way to the window wants it", () => {
    for (const { view } of Object.values(STATES)) expect(structuredClone(view)).toEqual(view);
  });

  it("holds nothing that changes while nothing happens, since the window ticks by itself", () => {
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

  it("knows a daemon of an unknown version", () => {
    const story = running().tell(connected({ version: "" }, installed()));
    expect(windowView(story.state).daemon.line).toBe("Daemon of unknown version and the installed 1.4.0 differ");
  });
});
