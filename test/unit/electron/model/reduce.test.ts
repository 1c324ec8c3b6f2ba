import { describe, expect, it } from "vitest";
import type { UpdateState } from "../../../../electron/model/app-state.js";
import type { AppEvent, DaemonEvent } from "../../../../electron/model/events.js";
import { nextTickAt } from "../../../../electron/model/reduce.js";
import { DEFAULT_SETTINGS } from "../../../../electron/settings/settings.js";
import { beat, connected, draining, installed, running, Story, T0 } from "../../../fixtures/app/app-story.js";

const RESTART_BY_CLI = draining({
  for: "restart",
  reason: "restart, version-mismatch, now 1.4.0",
  by: "cli (pid 812)",
});
const NEW_BUILD = installed({ version: "1.5.0", buildId: "b15" });
const GONE: DaemonEvent = { type: "disconnected" };
const FAILED: DaemonEvent = { type: "startFailed", kind: "failed", error: "exit 1" };

describe("the app's start", () => {
  it("the daemon's state is unknown until the first look", () => {
    expect(new Story().record.state).toMatchObject({ is: "stopped", why: { is: "unknown" } });
  });

  it("the app starts its daemon, and shows it running once it connects in step", () => {
    const story = new Story().tell({ type: "startRequested" });
    expect([story.is, story.did]).toEqual(["starting", ["start (requested)"]]);
    story.tell(connected(), { type: "started" });
    expect([story.is, story.record.operation]).toEqual(["running", undefined]);
  });

  it("two start requests start one daemon", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "startRequested" });
    expect(story.didAll).toEqual(["start (requested)"]);
  });

  it("the progress of a start is kept in its operation", () => {
    const progress = { kind: "waiting", what: "the restart lock", holder: "cli (pid 812)", boundMs: 60_000 } as const;
    const story = new Story().tell({ type: "startRequested" }, { type: "progress", progress });
    expect(story.record.operation).toMatchObject({ kind: "start", progress: { at: T0, what: progress } });
  });

  it("a first look that finds no daemon makes it stopped (absent)", () => {
    expect(new Story().tell({ type: "absent" }).record.state).toMatchObject({ is: "stopped", why: { is: "absent" } });
    expect(running().tell({ type: "absent" }).is).toBe("running");
  });
});

describe("death", () => {
  it("a daemon whose connection ends has died: the user is notified, and it is started after a second", () => {
    const story = running().tell(GONE);
    expect(story.record.state).toMatchObject({ is: "failed", what: "died", retryAt: T0 + 1000, last: { pid: 48213 } });
    expect(story.did).toEqual(["notify (died)"]);
    story.pass(999);
    expect(story.is).toBe("failed");
    story.pass(1);
    expect([story.is, story.did]).toEqual(["starting", ["start (died)"]]);
  });

  it("two ends of one connection count as one death", () => {
    const story = running().tell(GONE, GONE);
    expect(story.record.failures).toHaveLength(1);
    expect(story.didAll.filter((did) => did === "notify (died)")).toHaveLength(1);
  });

  it("a death is not notified while notifications are off", () => {
    const story = running();
    const settings = { ...story.state.settings, notifications: false };
    expect(story.hear({ about: "app", type: "settings", settings }).tell(GONE).did).toEqual([]);
  });

  it("a daemon that another client restarted is not started again", () => {
    const story = running().tell(GONE, connected({ pid: 50_000 }));
    expect(story.is).toBe("running");
    story.tell(beat()).pass(1000).tell(beat()).pass(1500);
    expect([story.is, story.didAll]).toEqual(["running", ["start (requested)", "notify (died)"]]);
  });

  it("failed starts are retried after 1, 2, 4 … 60 s", () => {
    const story = running().tell(GONE);
    const pauses: number[] = [];
    for (let n = 0; n < 8; n++) {
      const { state } = story.record;
      if (state.is !== "failed" || state.retryAt === undefined) throw new Error(`no retry in ${state.is}`);
      pauses.push((state.retryAt - story.now) / 1000);
      story
        .pass(state.retryAt - story.now)
        .pass(40_000)
        .tell(FAILED);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("a death and the failed starts after it give one notification", () => {
    const story = running().tell(GONE).pass(1000).tell(FAILED).pass(2000).tell(FAILED);
    expect(story.didAll.filter((did) => did.startsWith("notify"))).toEqual(["notify (died)"]);
  });

  it("failures are forgotten once the daemon has run for a minute", () => {
    const story = running()
      .tell(GONE)
      .pass(1000)
      .tell(connected({ pid: 2 }), { type: "started" });
    for (let s = 0; s < 61; s += 1) story.tell(beat()).pass(1000);
    expect(story.record.failuresInARow).toBe(0);
    expect(story.tell(GONE).record.state).toMatchObject({ retryAt: story.now + 1000 });
  });

  it("five deaths within two minutes are a crash loop, which is notified and not retried", () => {
    const story = running();
    for (let n = 1; n <= 5; n++) {
      story.tell(GONE);
      if (n === 5) break;
      story.pass(2 ** (n - 1) * 1000).tell(connected({ pid: n }), { type: "started" });
    }
    expect(story.record.state).toMatchObject({ is: "failed", what: "crash-loop", retryAt: undefined });
    expect(story.did).toEqual(["notify (crash-loop)"]);
    expect(story.pass(3_600_000).did).toEqual(["notify (crash-loop)"]);
  });

  it("a click starts a daemon in a crash loop, and failures are counted from zero", () => {
    const story = new Story().tell({ type: "startRequested" });
    for (let n = 0; n < 5; n++) story.tell(FAILED).pass(2 ** n * 1000);
    expect(story.record.state).toMatchObject({ what: "crash-loop" });
    story.tell({ type: "startRequested" });
    expect([story.is, story.did, story.record.failures]).toEqual(["starting", ["start (requested)"], []]);
  });

  it("a daemon that is started and never connects has died", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "started" }).pass(3000);
    expect(story.record.state).toMatchObject({ is: "failed", what: "died" });
  });

  it("a daemon that ends by a fault of its own is started again", () => {
    const story = running().tell(
      draining({ for: "fault", by: "the daemon itself", reason: "serve.sock was removed" }),
      GONE,
    );
    expect(story.record.state).toMatchObject({ is: "failed", what: "died", retryAt: T0 + 1000 });
  });
});

describe("a deliberate stop", () => {
  it("a daemon stopped by another client stays stopped", () => {
    const story = running().tell(draining());
    expect(story.record.state).toMatchObject({ is: "draining", ending: "stop", draining: { by: "cli (pid 812)" } });
    story.tell(GONE).pass(3_600_000);
    expect(story.record.state).toMatchObject({ is: "stopped", why: { is: "deliberate", by: "cli (pid 812)" } });
    expect(story.didAll).toEqual(["start (requested)"]);
  });

  it("a daemon stopped by a signal stays stopped", () => {
    expect(running().tell(draining({ by: "a signal", reason: "SIGTERM received" }), GONE).is).toBe("stopped");
  });

  it("a stop is told from a restart by `for`, not by the words of its reason", () => {
    expect(running().tell(draining({ for: "stop", reason: "restart of the machine" }), GONE).is).toBe("stopped");
    expect(running().tell(draining({ for: "restart", reason: "new PATH" }), GONE).is).toBe("starting");
  });

  it("a stop through the app goes from running over draining to stopped", () => {
    const story = running().tell({ type: "stopRequested" });
    expect([story.is, story.did]).toEqual(["running", ["stop"]]);
    story.tell(draining({ by: "tray (pid 40)" }), GONE, { type: "stopped" });
    expect([story.is, story.record.operation]).toEqual(["stopped", undefined]);
  });

  it("a stop whose outcome comes before the end of the connection ends as stopped too", () => {
    const story = running().tell({ type: "stopRequested" }, draining(), { type: "stopped" }, GONE);
    expect([story.is, story.record.operation]).toEqual(["stopped", undefined]);
  });

  it("a stop that had to kill the daemon is not a death", () => {
    const story = running().pass(4000).tell({ type: "stopRequested" }, GONE, { type: "stopped" });
    expect([story.is, story.didAll]).toEqual(["stopped", ["start (requested)", "stop"]]);
  });

  it("a daemon that another client starts is to run again", () => {
    const story = running().tell(draining(), GONE, connected({ pid: 7 }));
    expect([story.is, story.record.wanted]).toEqual(["running", "running"]);
    expect(story.tell(GONE).is).toBe("failed");
  });

  it("a start requested while a stopped daemon drains starts it afterwards", () => {
    const story = running().tell(draining(), { type: "startRequested" });
    expect([story.is, story.did]).toEqual(["draining", []]);
    expect([story.tell(GONE).is, story.did]).toEqual(["starting", ["start (requested)"]]);
  });

  it.each([
    ["before", [GONE, { type: "stopped" }]],
    ["after", [{ type: "stopped" }, GONE]],
  ] as [string, DaemonEvent[]][])(
    "a start requested during our own stop starts the daemon afterwards, the connection ending %s its outcome",
    (_, events) => {
      const story = running().tell({ type: "stopRequested" }, draining(), { type: "startRequested" }, ...events);
      expect([story.is, story.didAll.at(-1)]).toEqual(["starting", "start (requested)"]);
    },
  );

  it("a stop wins over the outcome of a start that was under way", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "stopRequested" }, FAILED, { type: "stopped" });
    expect(story.record.state).toMatchObject({ is: "stopped", why: { is: "deliberate" } });
    expect(story.pass(60_000).didAll).toEqual(["start (requested)", "stop"]);
  });

  it("a stop is not undone by the late outcome of the start that it superseded", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "stopRequested" }, { type: "stopped" }, FAILED);
    expect(story.pass(60_000).didAll).toEqual(["start (requested)", "stop"]);
    expect(story.is).toBe("stopped");
  });

  it("a stop ends the retries of a failed daemon, even if the stop itself fails", () => {
    const story = running().tell(GONE, { type: "stopRequested" }, { type: "stopFailed", error: "cannot be proven" });
    expect(story.pass(3_600_000).didAll.at(-1)).toBe("stop");
  });

  it("a stopped daemon is not started by a wake of the machine or by a new version on disk", () => {
    const stop: DaemonEvent[] = [{ type: "stopRequested" }, { type: "stopped" }];
    const asleep = running()
      .tell(...stop)
      .hear({ about: "machine", type: "suspend" })
      .tell(GONE);
    expect(asleep.hear({ about: "machine", type: "resume" }).is).toBe("stopped");
    const updated = running().tell(...stop, { type: "installed", installed: NEW_BUILD });
    expect([updated.is, updated.didAll.at(-1)]).toEqual(["drifted", "stop"]);
  });

  it("a stop that fails leaves the daemon as it is, with a problem", () => {
    const story = running().tell({ type: "stopRequested" }, { type: "stopFailed", error: "cannot be proven" });
    expect([story.is, story.record.problem?.error]).toEqual(["running", "cannot be proven"]);
  });
});

describe("a restart", () => {
  it("a start requested during another client's restart needs no tick", () => {
    const story = running().tell(RESTART_BY_CLI, GONE, { type: "startRequested" });
    expect(nextTickAt(story.state)).toBeUndefined();
    expect(story.pass(60_000).didAll).toEqual(["start (requested)", "start (requested)"]);
  });

  it("a restart by a CLI is not a crash", () => {
    const story = running().tell(RESTART_BY_CLI, GONE);
    expect(story.record.state).toMatchObject({ is: "starting", whose: "theirs", after: "restart" });
    story.tell(connected({ pid: 50_211 }));
    expect([story.is, story.didAll]).toEqual(["running", ["start (requested)"]]);
  });

  it("a restart that another client does not finish within 10 s is finished by the app", () => {
    const story = running().tell(RESTART_BY_CLI, GONE).pass(10_000);
    expect([story.is, story.did]).toEqual(["starting", ["start (gone)"]]);
  });

  it("a restart by the app goes through draining and starting", () => {
    const story = running().tell({ type: "restartRequested" });
    expect([story.is, story.did]).toEqual(["running", ["restart (requested)"]]);
    story.tell(draining({ for: "restart", reason: "restart, requested, now 1.4.0", by: "tray (pid 40)" }));
    expect(story.record.state).toMatchObject({ is: "draining", ending: "restart" });
    story.tell(GONE);
    expect(story.record.state).toMatchObject({ is: "starting", whose: "ours", after: "restart" });
    story.tell(connected({ pid: 9 }), { type: "started" });
    expect([story.is, story.record.operation]).toEqual(["running", undefined]);
  });

  it("a restart by the app that had to kill the daemon is not a death", () => {
    const story = running().tell({ type: "restartRequested" }, GONE);
    expect([story.is, story.didAll]).toEqual(["starting", ["start (requested)", "restart (requested)"]]);
  });

  it("two restart requests restart once", () => {
    const story = running().tell({ type: "restartRequested" }, { type: "restartRequested" });
    expect(story.didAll).toEqual(["start (requested)", "restart (requested)"]);
  });

  it("a restart of a stopped daemon starts it", () => {
    expect(running().tell(draining(), GONE, { type: "restartRequested" }).is).toBe("starting");
  });

  it("a restart that is refused leaves the daemon running, with a problem", () => {
    const story = running().tell(
      { type: "restartRequested" },
      { type: "startFailed", kind: "refused", error: "not newer" },
    );
    expect([story.is, story.record.problem]).toEqual([
      "running",
      { kind: "restart", refused: true, error: "not newer", at: T0 },
    ]);
    expect(story.did).toEqual(["notify (restart-failed)"]);
    expect(story.tell({ type: "problemDismissed" }).record.problem).toBeUndefined();
  });

  it("a start that is refused is not retried", () => {
    const refused = { type: "startFailed", kind: "refused", error: "protocol" } as const;
    const story = new Story().tell({ type: "startRequested" }, refused).pass(3_600_000);
    expect(story.record.state).toMatchObject({ is: "failed", what: "refused", retryAt: undefined });
  });

  it("a restart can be forced", () => {
    const story = running().tell({ type: "restartRequested", force: true });
    expect(story.effects).toEqual([{ do: "restart", daemon: "lockstep", why: "requested", force: true }]);
  });
});

describe("silence", () => {
  it("a daemon is unresponsive after two silent heartbeat intervals", () => {
    const story = running().pass(1000).tell(beat()).pass(3999);
    expect(story.is).toBe("running");
    expect(story.pass(1).record.state).toMatchObject({
      is: "unresponsive",
      since: T0 + 1000,
      live: { identity: { pid: 48213 } },
    });
  });

  it("a heartbeat makes an unresponsive daemon run again", () => {
    expect(running().pass(9000).tell(beat()).is).toBe("running");
  });

  it("a heartbeat makes an unresponsive daemon drifted again if it was", () => {
    const story = new Story().tell(connected({ version: "1.3.0", installRoot: "/other" }));
    expect(story.pass(4000).is).toBe("unresponsive");
    expect(story.tell(beat()).is).toBe("drifted");
  });

  it("a daemon without heartbeats is never unresponsive", () => {
    expect(new Story().tell(connected({ heartbeatMs: undefined })).pass(3_600_000).is).toBe("running");
  });

  it("an unresponsive daemon is replaced at a click only", () => {
    const story = running().pass(3_600_000);
    expect(story.didAll).toEqual(["start (requested)"]);
    expect(story.tell({ type: "restartRequested" }).did).toEqual(["restart (unresponsive)"]);
  });

  it("the successor of an unresponsive daemon is waited for", () => {
    const story = running().pass(5000).tell(GONE);
    expect(story.record.state).toMatchObject({ is: "starting", whose: "theirs" });
    expect(story.pass(2000).tell(connected({ pid: 3 })).is).toBe("running");
    expect(story.didAll).toEqual(["start (requested)"]);
  });

  it("an unresponsive daemon that ends without a successor has died", () => {
    const story = running().pass(5000).tell(GONE).pass(3000);
    expect([story.record.state, story.did]).toMatchObject([{ is: "failed", what: "died" }, ["notify (died)"]]);
  });

  it("a daemon that does not answer the handshake of a start is unresponsive", () => {
    const story = new Story().tell(
      { type: "startRequested" },
      { type: "startFailed", kind: "unresponsive", error: "no answer" },
    );
    expect(story.record.state).toMatchObject({ is: "unresponsive", live: undefined, error: "no answer" });
    expect(story.tell(connected()).is).toBe("running");
  });

  it("a daemon that does not answer the following connection is unresponsive, unless an operation is under way", () => {
    const unusable = { type: "unusable", kind: "unresponsive", error: "no answer" } as const;
    expect(new Story().tell(unusable).is).toBe("unresponsive");
    expect(new Story().tell({ type: "startRequested" }, unusable).is).toBe("starting");
  });

  it("a directory that cannot be used is shown as unreachable", () => {
    const story = new Story().tell({ type: "unusable", kind: "failed", error: "others can write /h/.lockstep" });
    expect(story.record.state).toMatchObject({ is: "failed", what: "unreachable", retryAt: undefined });
  });

  it("a heartbeat of a connection that has ended changes nothing", () => {
    expect(running().tell(GONE, beat()).is).toBe("failed");
  });
});

describe("sleep of the machine", () => {
  it("a sleep of eight hours is not a failure of the daemon", () => {
    const story = running()
      .hear({ about: "machine", type: "suspend" })
      .standStill(8 * 3_600_000);
    story.hear({ about: "machine", type: "resume" });
    expect(story.is).toBe("running");
    story.pass(1900).tell(beat());
    expect([story.is, story.didAll]).toEqual(["running", ["start (requested)"]]);
  });

  it("a sleep without an event is recognised by a late tick", () => {
    const story = running()
      .standStill(8 * 3_600_000)
      .hear({ about: "clock", type: "tick" });
    expect(story.is).toBe("running");
    expect(story.pass(4000).is).toBe("unresponsive");
  });

  it("a daemon that ends during sleep is started at the wake without a notification", () => {
    const story = running().hear({ about: "machine", type: "suspend" }).tell(GONE).standStill(3_600_000);
    expect(story.is).toBe("starting");
    story.hear({ about: "machine", type: "resume" });
    expect([story.is, story.did]).toEqual(["starting", ["start (woke)"]]);
    expect(story.record.failures).toEqual([]);
  });

  it("a retry that came due during sleep happens at the wake", () => {
    const story = running().tell(GONE).hear({ about: "machine", type: "suspend" }).standStill(3_600_000);
    expect(story.hear({ about: "machine", type: "resume" }).did).toEqual(["start (woke)"]);
  });

  it("a sleep soon after a failed start leaves no tick due in the past", () => {
    const story = running()
      .tell(GONE)
      .pass(1000)
      .tell(connected({ pid: 2 }), { type: "started" });
    story.standStill(8 * 3_600_000).hear({ about: "clock", type: "tick" });
    expect(nextTickAt(story.state)).toBe(story.now + 4000);
  });

  it("a stopped daemon stays stopped over a sleep", () => {
    const story = running().tell(draining(), GONE).hear({ about: "machine", type: "suspend" }).standStill(3_600_000);
    story.hear({ about: "machine", type: "resume" }).pass(3_600_000);
    expect(story.is).toBe("stopped");
  });
});

describe("drift", () => {
  const older = connected({ version: "1.3.2", buildId: "b13" });

  it("drift found by the following connection is shown and not acted on", () => {
    const story = new Story().tell(older);
    expect(story.record.state).toMatchObject({ is: "drifted", drift: { order: "daemon-older", installation: "same" } });
    expect(story.didAll).toEqual([]);
  });

  it("drift in the app's own installation ends by a restart if the app's code is the installed one", () => {
    const story = running().tell({ type: "installed", installed: installed() });
    expect([story.is, story.did]).toEqual(["running", []]);
    const back = new Story().tell(older, { type: "installed", installed: installed() });
    expect([back.is, back.did]).toEqual(["drifted", ["start (drift)"]]);
  });

  it("drift is left to the relaunch once the app's files were replaced", () => {
    const onDisk = { version: "1.5.0", buildId: "b15" };
    const story = running().hear({ about: "app", type: "installed", installed: onDisk });
    story.tell({ type: "installed", installed: NEW_BUILD });
    expect(story.record.state).toMatchObject({ is: "drifted", drift: { order: "daemon-older" } });
    expect(story.didAll).toEqual(["start (requested)"]);
  });

  it("drift found during another client's restart starts nothing", () => {
    const story = running().tell(RESTART_BY_CLI, { type: "installed", installed: NEW_BUILD });
    expect([story.is, story.did]).toEqual(["draining", []]);
    story.tell(GONE, { type: "installed", installed: NEW_BUILD });
    expect([story.is, story.did]).toEqual(["starting", []]);
    story.tell(connected({ version: "1.5.0", buildId: "b15", pid: 3 }, NEW_BUILD));
    expect([story.is, story.didAll]).toEqual(["running", ["start (requested)"]]);
  });

  it("drift found during the app's own restart does not restart again", () => {
    const story = new Story().tell(older, { type: "restartRequested" }, { type: "installed", installed: installed() });
    expect(story.didAll).toEqual(["restart (requested)"]);
  });

  it("drift whose restart was refused is not tried again until something changes", () => {
    const refused = { type: "startFailed", kind: "refused", error: "budget" } as const;
    const story = new Story().tell(older, { type: "installed", installed: installed() }, refused);
    expect([story.is, story.record.problem?.refused]).toEqual(["drifted", true]);
    story.tell({ type: "installed", installed: installed() });
    expect(story.didAll.filter((did) => did.startsWith("start"))).toEqual(["start (drift)"]);
  });

  it("drift of another installation's daemon is not acted on", () => {
    const foreign = connected({ version: "1.3.2", installRoot: "/home/u/checkout/dist" });
    const story = new Story().tell(foreign, { type: "installed", installed: installed() });
    expect(story.record.state).toMatchObject({ is: "drifted", drift: { installation: "other" } });
    expect(story.didAll).toEqual([]);
  });

  it("drift ends when the daemon's version becomes the installed one", () => {
    const story = running().tell({ type: "installed", installed: installed({ version: "1.3.9", buildId: "x" }) });
    expect(story.is).toBe("drifted");
    expect(story.tell({ type: "installed", installed: installed() }).is).toBe("running");
  });

  it("a new version on disk starts a daemon that could not be started", () => {
    const refused = { type: "startFailed", kind: "refused", error: "protocol" } as const;
    const story = new Story().tell({ type: "installed", installed: installed() }, { type: "startRequested" }, refused);
    expect(story.tell({ type: "installed", installed: installed() }).did).toEqual([]);
    expect(story.tell({ type: "installed", installed: NEW_BUILD }).did).toEqual(["start (drift)"]);
  });
});

describe("a read-only daemon", () => {
  const readOnly = (): Story => {
    const story = new Story();
    story.state = { ...story.state, daemons: [{ ...story.record, control: "read-only" }] };
    return story;
  };

  it("a read-only daemon is never started, restarted or stopped", () => {
    const story = readOnly().tell({ type: "startRequested" }, { type: "restartRequested" }, { type: "stopRequested" });
    story.tell(connected({ version: "0.1.0" }), { type: "installed", installed: installed() }, GONE).pass(3_600_000);
    story.hear({ about: "machine", type: "suspend" }, { about: "machine", type: "resume" });
    expect(story.didAll).toEqual([]);
    expect(story.record.state).toMatchObject({ is: "stopped", why: { is: "absent" } });
  });
});

describe("what the daemon sends", () => {
  it("facts come from the status, then from each heartbeat", () => {
    const server = {
      name: "memory",
      state: "ready",
      pid: 9,
      version: null,
      sessions: 1,
      calls: 5,
      errors: 0,
      lastUsedAt: null,
    } as const;
    const story = running().tell(
      { type: "status", status: { clients: 2, inFlight: 1, rssBytes: 5, servers: [server] } },
      beat({ clients: 6, lagMs: 12 }),
    );
    const { state, beats } = story.record;
    expect(state).toMatchObject({ live: { facts: { clients: 6, servers: [{ name: "memory" }] } } });
    expect(beats.points).toEqual([{ at: T0, lagMs: 12 }]);
  });

  it("heartbeats are kept for five minutes", () => {
    const story = running();
    for (let s = 0; s < 400; s++) story.tell(beat({ seq: s })).pass(1000);
    expect(story.record.beats.points).toHaveLength(300);
    expect(story.record.beats.points[0]?.at).toBe(story.now - 300_000);
  });

  it("breadcrumbs are kept once each, the newest 200", () => {
    const placed = (n: number) => ({ key: String(n), at: T0 + n, breadcrumb: { kind: "ready", pid: n } as const });
    const story = running().tell(
      { type: "breadcrumbs", added: [placed(1), placed(2)] },
      { type: "breadcrumbs", added: [placed(2), placed(3)] },
    );
    expect(story.record.breadcrumbs.map(({ key }) => key)).toEqual(["1", "2", "3"]);
    story.tell({ type: "breadcrumbs", added: Array.from({ length: 500 }, (_, n) => placed(n + 10)) });
    expect(story.record.breadcrumbs).toHaveLength(200);
  });
});

describe("several daemons", () => {
  it("several daemons are told apart by their ids", () => {
    const story = running();
    const second = { ...story.record, id: "other", control: "read-only" as const };
    story.state = { ...story.state, daemons: [story.record, second] };
    story.hear({ about: "daemon", id: "other", event: GONE });
    expect(story.state.daemons.map(({ state }) => state.is)).toEqual(["running", "stopped"]);
    expect(story.hear({ about: "app", type: "selected", id: "other" }).state.selected).toBe("other");
    expect(story.hear({ about: "app", type: "selected", id: "unknown" }).state.selected).toBe("other");
  });
});

describe("an update that is ready", () => {
  const update = (is: UpdateState): AppEvent => ({ about: "app", type: "update", update: is });
  const ready = update({ is: "ready", version: "1.5.0" });

  it("an update that is ready gives one notification", () => {
    const story = new Story().hear(update({ is: "checking" }), ready, ready);
    const notes = story.allEffects.filter((effect) => effect.do === "notify");
    expect(notes).toMatchObject([{ about: "update-ready", title: "Lockstep 1.5.0 is ready" }]);
  });

  it("an update that is ready is not notified while notifications are off", () => {
    const story = new Story({ settings: { ...DEFAULT_SETTINGS, notifications: false } }).hear(ready);
    expect(story.allEffects).toEqual([]);
  });
});
