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

describe("the app comes up", () => {
  it("knows nothing until somebody looked", () => {
    expect(new Story().record.state).toMatchObject({ is: "stopped", why: { is: "unknown" } });
  });

  it("starts its daemon, and runs when that answers in step", () => {
    const story = new Story().tell({ type: "startRequested" });
    expect([story.is, story.did]).toEqual(["starting", ["start (requested)"]]);
    story.tell(connected(), { type: "started" });
    expect([story.is, story.record.operation]).toEqual(["running", undefined]);
  });

  it("asks only once, however often it is asked", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "startRequested" });
    expect(story.didAll).toEqual(["start (requested)"]);
  });

  it("shows what the start waits for", () => {
    const progress = { kind: "waiting", what: "the restart lock", holder: "cli (pid 812)", boundMs: 60_000 } as const;
    const story = new Story().tell({ type: "startRequested" }, { type: "progress", progress });
    expect(story.record.operation).toMatchObject({ kind: "start", progress: { at: T0, what: progress } });
  });

  it("is told by the first look that nobody is there", () => {
    expect(new Story().tell({ type: "absent" }).record.state).toMatchObject({ is: "stopped", why: { is: "absent" } });
    expect(running().tell({ type: "absent" }).is).toBe("running");
  });
});

describe("death", () => {
  it("is noticed by the end of the connection, told to the user, and mended after a second", () => {
    const story = running().tell(GONE);
    expect(story.record.state).toMatchObject({ is: "failed", what: "died", retryAt: T0 + 1000, last: { pid: 48213 } });
    expect(story.did).toEqual(["notify (died)"]);
    story.pass(999);
    expect(story.is).toBe("failed");
    story.pass(1);
    expect([story.is, story.did]).toEqual(["starting", ["start (died)"]]);
  });

  it("is one death when the connection ends twice", () => {
    const story = running().tell(GONE, GONE);
    expect(story.record.failures).toHaveLength(1);
    expect(story.didAll.filter((did) => did === "notify (died)")).toHaveLength(1);
  });

  it("is not told when the user switched notifications off", () => {
    const story = running();
    const settings = { ...story.state.settings, notifications: false };
    expect(story.hear({ about: "app", type: "settings", settings }).tell(GONE).did).toEqual([]);
  });

  it("needs no start of ours when somebody else was faster", () => {
    const story = running().tell(GONE, connected({ pid: 50_000 }));
    expect(story.is).toBe("running");
    story.tell(beat()).pass(1000).tell(beat()).pass(1500);
    expect([story.is, story.didAll]).toEqual(["running", ["start (requested)", "notify (died)"]]);
  });

  it("is answered with 1, 2, 4 … 60 s of patience while starts keep failing slowly", () => {
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

  it("is said once, not with every failed start after it", () => {
    const story = running().tell(GONE).pass(1000).tell(FAILED).pass(2000).tell(FAILED);
    expect(story.didAll.filter((did) => did.startsWith("notify"))).toEqual(["notify (died)"]);
  });

  it("is forgotten when the daemon then ran for a minute", () => {
    const story = running()
      .tell(GONE)
      .pass(1000)
      .tell(connected({ pid: 2 }), { type: "started" });
    for (let s = 0; s < 61; s += 1) story.tell(beat()).pass(1000);
    expect(story.record.failuresInARow).toBe(0);
    expect(story.tell(GONE).record.state).toMatchObject({ retryAt: story.now + 1000 });
  });

  it("five times within two minutes is a crash loop, which is said and ended", () => {
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

  it("a crash loop ends with the user's click, counted afresh", () => {
    const story = new Story().tell({ type: "startRequested" });
    for (let n = 0; n < 5; n++) story.tell(FAILED).pass(2 ** n * 1000);
    expect(story.record.state).toMatchObject({ what: "crash-loop" });
    story.tell({ type: "startRequested" });
    expect([story.is, story.did, story.record.failures]).toEqual(["starting", ["start (requested)"], []]);
  });

  it("right after a start, before anybody could connect, is a death too", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "started" }).pass(3000);
    expect(story.record.state).toMatchObject({ is: "failed", what: "died" });
  });

  it("that the daemon announced itself, since its directory was taken away, is mended like any other", () => {
    const story = running().tell(
      draining({ for: "fault", by: "the daemon itself", reason: "serve.sock was removed" }),
      GONE,
    );
    expect(story.record.state).toMatchObject({ is: "failed", what: "died", retryAt: T0 + 1000 });
  });
});

describe("a deliberate stop", () => {
  it("stays stopped, whoever asked for it", () => {
    const story = running().tell(draining());
    expect(story.record.state).toMatchObject({ is: "draining", ending: "stop", draining: { by: "cli (pid 812)" } });
    story.tell(GONE).pass(3_600_000);
    expect(story.record.state).toMatchObject({ is: "stopped", why: { is: "deliberate", by: "cli (pid 812)" } });
    expect(story.didAll).toEqual(["start (requested)"]);
  });

  it("by a signal is deliberate as well", () => {
    expect(running().tell(draining({ by: "a signal", reason: "SIGTERM received" }), GONE).is).toBe("stopped");
  });

  it("is told from a restart by what it is for, not by the words of its reason", () => {
    expect(running().tell(draining({ for: "stop", reason: "restart of the machine" }), GONE).is).toBe("stopped");
    expect(running().tell(draining({ for: "restart", reason: "new PATH" }), GONE).is).toBe("starting");
  });

  it("through the app goes from running over draining to stopped", () => {
    const story = running().tell({ type: "stopRequested" });
    expect([story.is, story.did]).toEqual(["running", ["stop"]]);
    story.tell(draining({ by: "tray (pid 40)" }), GONE, { type: "stopped" });
    expect([story.is, story.record.operation]).toEqual(["stopped", undefined]);
  });

  it("is the same when the stop's outcome comes before the end of the connection", () => {
    const story = running().tell({ type: "stopRequested" }, draining(), { type: "stopped" }, GONE);
    expect([story.is, story.record.operation]).toEqual(["stopped", undefined]);
  });

  it("of a daemon that had to be killed is no death", () => {
    const story = running().pass(4000).tell({ type: "stopRequested" }, GONE, { type: "stopped" });
    expect([story.is, story.didAll]).toEqual(["stopped", ["start (requested)", "stop"]]);
  });

  it("ends with somebody's start", () => {
    const story = running().tell(draining(), GONE, connected({ pid: 7 }));
    expect([story.is, story.record.wanted]).toEqual(["running", "running"]);
    expect(story.tell(GONE).is).toBe("failed");
  });

  it("is taken back by a start that is asked for while it drains", () => {
    const story = running().tell(draining(), { type: "startRequested" });
    expect([story.is, story.did]).toEqual(["draining", []]);
    expect([story.tell(GONE).is, story.did]).toEqual(["starting", ["start (requested)"]]);
  });

  it.each([
    ["before", [GONE, { type: "stopped" }]],
    ["after", [{ type: "stopped" }, GONE]],
  ] as [string, DaemonEvent[]][])("of our own is taken back too, the connection ending %s its outcome", (_, events) => {
    const story = running().tell({ type: "stopRequested" }, draining(), { type: "startRequested" }, ...events);
    expect([story.is, story.didAll.at(-1)]).toEqual(["starting", "start (requested)"]);
  });

  it("while a start is under way wins over that start's outcome", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "stopRequested" }, FAILED, { type: "stopped" });
    expect(story.record.state).toMatchObject({ is: "stopped", why: { is: "deliberate" } });
    expect(story.pass(60_000).didAll).toEqual(["start (requested)", "stop"]);
  });

  it("is not undone by the outcome of the start that it superseded, however late that comes", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "stopRequested" }, { type: "stopped" }, FAILED);
    expect(story.pass(60_000).didAll).toEqual(["start (requested)", "stop"]);
    expect(story.is).toBe("stopped");
  });

  it("ends the retries of a daemon that failed, also where the stop fails", () => {
    const story = running().tell(GONE, { type: "stopRequested" }, { type: "stopFailed", error: "cannot be proven" });
    expect(story.pass(3_600_000).didAll.at(-1)).toBe("stop");
  });

  it("is kept by a wake of the machine and by a new version on disk", () => {
    const stop: DaemonEvent[] = [{ type: "stopRequested" }, { type: "stopped" }];
    const asleep = running()
      .tell(...stop)
      .hear({ about: "machine", type: "suspend" })
      .tell(GONE);
    expect(asleep.hear({ about: "machine", type: "resume" }).is).toBe("stopped");
    const updated = running().tell(...stop, { type: "installed", installed: NEW_BUILD });
    expect([updated.is, updated.didAll.at(-1)]).toEqual(["drifted", "stop"]);
  });

  it("that failed is said, and the daemon stays what it is", () => {
    const story = running().tell({ type: "stopRequested" }, { type: "stopFailed", error: "cannot be proven" });
    expect([story.is, story.record.problem?.error]).toEqual(["running", "cannot be proven"]);
  });
});

describe("a restart", () => {
  it("by another client needs no tick once the user has asked for a start meanwhile", () => {
    const story = running().tell(RESTART_BY_CLI, GONE, { type: "startRequested" });
    expect(nextTickAt(story.state)).toBeUndefined();
    expect(story.pass(60_000).didAll).toEqual(["start (requested)", "start (requested)"]);
  });

  it("by a CLI is a restart, not a crash", () => {
    const story = running().tell(RESTART_BY_CLI, GONE);
    expect(story.record.state).toMatchObject({ is: "starting", whose: "theirs", after: "restart" });
    story.tell(connected({ pid: 50_211 }));
    expect([story.is, story.didAll]).toEqual(["running", ["start (requested)"]]);
  });

  it("that somebody else began and never finished is finished by us", () => {
    const story = running().tell(RESTART_BY_CLI, GONE).pass(10_000);
    expect([story.is, story.did]).toEqual(["starting", ["start (gone)"]]);
  });

  it("of ours goes through draining and starting", () => {
    const story = running().tell({ type: "restartRequested" });
    expect([story.is, story.did]).toEqual(["running", ["restart (requested)"]]);
    story.tell(draining({ for: "restart", reason: "restart, requested, now 1.4.0", by: "tray (pid 40)" }));
    expect(story.record.state).toMatchObject({ is: "draining", ending: "restart" });
    story.tell(GONE);
    expect(story.record.state).toMatchObject({ is: "starting", whose: "ours", after: "restart" });
    story.tell(connected({ pid: 9 }), { type: "started" });
    expect([story.is, story.record.operation]).toEqual(["running", undefined]);
  });

  it("of ours that had to kill is no death either", () => {
    const story = running().tell({ type: "restartRequested" }, GONE);
    expect([story.is, story.didAll]).toEqual(["starting", ["start (requested)", "restart (requested)"]]);
  });

  it("asked for twice is made once", () => {
    const story = running().tell({ type: "restartRequested" }, { type: "restartRequested" });
    expect(story.didAll).toEqual(["start (requested)", "restart (requested)"]);
  });

  it("of a stopped daemon is a start", () => {
    expect(running().tell(draining(), GONE, { type: "restartRequested" }).is).toBe("starting");
  });

  it("that is refused is said while the daemon stays", () => {
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

  it("with nobody left that is refused is a failure without retries", () => {
    const refused = { type: "startFailed", kind: "refused", error: "protocol" } as const;
    const story = new Story().tell({ type: "startRequested" }, refused).pass(3_600_000);
    expect(story.record.state).toMatchObject({ is: "failed", what: "refused", retryAt: undefined });
  });

  it("can be forced by the user", () => {
    const story = running().tell({ type: "restartRequested", force: true });
    expect(story.effects).toEqual([{ do: "restart", daemon: "lockstep", why: "requested", force: true }]);
  });
});

describe("silence", () => {
  it("of two heartbeat intervals is said", () => {
    const story = running().pass(1000).tell(beat()).pass(3999);
    expect(story.is).toBe("running");
    expect(story.pass(1).record.state).toMatchObject({
      is: "unresponsive",
      since: T0 + 1000,
      live: { identity: { pid: 48213 } },
    });
  });

  it("ends with the next heartbeat", () => {
    expect(running().pass(9000).tell(beat()).is).toBe("running");
  });

  it("ends in drift again where there was drift", () => {
    const story = new Story().tell(connected({ version: "1.3.0", installRoot: "/other" }));
    expect(story.pass(4000).is).toBe("unresponsive");
    expect(story.tell(beat()).is).toBe("drifted");
  });

  it("of a daemon that promised no heartbeat says nothing", () => {
    expect(new Story().tell(connected({ heartbeatMs: undefined })).pass(3_600_000).is).toBe("running");
  });

  it("is never answered by ourselves; a click may replace it", () => {
    const story = running().pass(3_600_000);
    expect(story.didAll).toEqual(["start (requested)"]);
    expect(story.tell({ type: "restartRequested" }).did).toEqual(["restart (unresponsive)"]);
  });

  it("that ends in the connection's end is somebody's replacement, at first", () => {
    const story = running().pass(5000).tell(GONE);
    expect(story.record.state).toMatchObject({ is: "starting", whose: "theirs" });
    expect(story.pass(2000).tell(connected({ pid: 3 })).is).toBe("running");
    expect(story.didAll).toEqual(["start (requested)"]);
  });

  it("that ends so with no successor was a death", () => {
    const story = running().pass(5000).tell(GONE).pass(3000);
    expect([story.record.state, story.did]).toMatchObject([{ is: "failed", what: "died" }, ["notify (died)"]]);
  });

  it("found by the handshake is silence too", () => {
    const story = new Story().tell(
      { type: "startRequested" },
      { type: "startFailed", kind: "unresponsive", error: "no answer" },
    );
    expect(story.record.state).toMatchObject({ is: "unresponsive", live: undefined, error: "no answer" });
    expect(story.tell(connected()).is).toBe("running");
  });

  it("found by the passive connection is silence, unless we are at it", () => {
    const unusable = { type: "unusable", kind: "unresponsive", error: "no answer" } as const;
    expect(new Story().tell(unusable).is).toBe("unresponsive");
    expect(new Story().tell({ type: "startRequested" }, unusable).is).toBe("starting");
  });

  it("of a directory that cannot be used is said as that", () => {
    const story = new Story().tell({ type: "unusable", kind: "failed", error: "others can write /h/.lockstep" });
    expect(story.record.state).toMatchObject({ is: "failed", what: "unreachable", retryAt: undefined });
  });

  it("of heartbeats of a connection that is gone changes nothing", () => {
    expect(running().tell(GONE, beat()).is).toBe("failed");
  });
});

describe("sleep of the machine", () => {
  it("for eight hours is no failure", () => {
    const story = running()
      .hear({ about: "machine", type: "suspend" })
      .standStill(8 * 3_600_000);
    story.hear({ about: "machine", type: "resume" });
    expect(story.is).toBe("running");
    story.pass(1900).tell(beat());
    expect([story.is, story.didAll]).toEqual(["running", ["start (requested)"]]);
  });

  it("that nobody announced is seen by the tick that comes too late", () => {
    const story = running()
      .standStill(8 * 3_600_000)
      .hear({ about: "clock", type: "tick" });
    expect(story.is).toBe("running");
    expect(story.pass(4000).is).toBe("unresponsive");
  });

  it("in which the daemon went is mended at the wake, and told to nobody", () => {
    const story = running().hear({ about: "machine", type: "suspend" }).tell(GONE).standStill(3_600_000);
    expect(story.is).toBe("starting");
    story.hear({ about: "machine", type: "resume" });
    expect([story.is, story.did]).toEqual(["starting", ["start (woke)"]]);
    expect(story.record.failures).toEqual([]);
  });

  it("makes a retry that came due in it happen at the wake", () => {
    const story = running().tell(GONE).hear({ about: "machine", type: "suspend" }).standStill(3_600_000);
    expect(story.hear({ about: "machine", type: "resume" }).did).toEqual(["start (woke)"]);
  });

  it("soon after a failed start asks for no tick in the past", () => {
    const story = running()
      .tell(GONE)
      .pass(1000)
      .tell(connected({ pid: 2 }), { type: "started" });
    story.standStill(8 * 3_600_000).hear({ about: "clock", type: "tick" });
    expect(nextTickAt(story.state)).toBe(story.now + 4000);
  });

  it("leaves a deliberate stop alone", () => {
    const story = running().tell(draining(), GONE).hear({ about: "machine", type: "suspend" }).standStill(3_600_000);
    story.hear({ about: "machine", type: "resume" }).pass(3_600_000);
    expect(story.is).toBe("stopped");
  });
});

describe("drift", () => {
  const older = connected({ version: "1.3.2", buildId: "b13" });

  it("found on a passive connection is shown and left alone", () => {
    const story = new Story().tell(older);
    expect(story.record.state).toMatchObject({ is: "drifted", drift: { order: "daemon-older", installation: "same" } });
    expect(story.didAll).toEqual([]);
  });

  it("is mended when it appears in our own installation and our code is the installed one", () => {
    const story = running().tell({ type: "installed", installed: installed() });
    expect([story.is, story.did]).toEqual(["running", []]);
    const back = new Story().tell(older, { type: "installed", installed: installed() });
    expect([back.is, back.did]).toEqual(["drifted", ["start (drift)"]]);
  });

  it("is left to the relaunch when our own code was replaced beneath us", () => {
    const onDisk = { version: "1.5.0", buildId: "b15" };
    const story = running().hear({ about: "app", type: "installed", installed: onDisk });
    story.tell({ type: "installed", installed: NEW_BUILD });
    expect(story.record.state).toMatchObject({ is: "drifted", drift: { order: "daemon-older" } });
    expect(story.didAll).toEqual(["start (requested)"]);
  });

  it("found while somebody else's restart is under way starts nothing", () => {
    const story = running().tell(RESTART_BY_CLI, { type: "installed", installed: NEW_BUILD });
    expect([story.is, story.did]).toEqual(["draining", []]);
    story.tell(GONE, { type: "installed", installed: NEW_BUILD });
    expect([story.is, story.did]).toEqual(["starting", []]);
    story.tell(connected({ version: "1.5.0", buildId: "b15", pid: 3 }, NEW_BUILD));
    expect([story.is, story.didAll]).toEqual(["running", ["start (requested)"]]);
  });

  it("found while we restart does not restart again", () => {
    const story = new Story().tell(older, { type: "restartRequested" }, { type: "installed", installed: installed() });
    expect(story.didAll).toEqual(["restart (requested)"]);
  });

  it("that we could not mend is not tried again until something changes", () => {
    const refused = { type: "startFailed", kind: "refused", error: "budget" } as const;
    const story = new Story().tell(older, { type: "installed", installed: installed() }, refused);
    expect([story.is, story.record.problem?.refused]).toEqual(["drifted", true]);
    story.tell({ type: "installed", installed: installed() });
    expect(story.didAll.filter((did) => did.startsWith("start"))).toEqual(["start (drift)"]);
  });

  it("of another installation is not ours to mend", () => {
    const foreign = connected({ version: "1.3.2", installRoot: "/home/u/checkout/dist" });
    const story = new Story().tell(foreign, { type: "installed", installed: installed() });
    expect(story.record.state).toMatchObject({ is: "drifted", drift: { installation: "other" } });
    expect(story.didAll).toEqual([]);
  });

  it("ends when the daemon's version comes to be the installed one", () => {
    const story = running().tell({ type: "installed", installed: installed({ version: "1.3.9", buildId: "x" }) });
    expect(story.is).toBe("drifted");
    expect(story.tell({ type: "installed", installed: installed() }).is).toBe("running");
  });

  it("a new version on disk is one more try for a daemon that could not be started", () => {
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

  it("is never started, restarted, stopped or mended", () => {
    const story = readOnly().tell({ type: "startRequested" }, { type: "restartRequested" }, { type: "stopRequested" });
    story.tell(connected({ version: "0.1.0" }), { type: "installed", installed: installed() }, GONE).pass(3_600_000);
    story.hear({ about: "machine", type: "suspend" }, { about: "machine", type: "resume" });
    expect(story.didAll).toEqual([]);
    expect(story.record.state).toMatchObject({ is: "stopped", why: { is: "absent" } });
  });
});

describe("what the daemon tells", () => {
  it("is kept: status first, then each heartbeat", () => {
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

  it("of heartbeats is kept for five minutes", () => {
    const story = running();
    for (let s = 0; s < 400; s++) story.tell(beat({ seq: s })).pass(1000);
    expect(story.record.beats.points).toHaveLength(300);
    expect(story.record.beats.points[0]?.at).toBe(story.now - 300_000);
  });

  it("of breadcrumbs is kept once each, the newest 200", () => {
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
  it("are told apart by their ids", () => {
    const story = running();
    const second = { ...story.record, id: "other", control: "read-only" as const };
    story.state = { ...story.state, daemons: [story.record, second] };
    story.hear({ about: "daemon", id: "other", event: GONE });
    expect(story.state.daemons.map(({ state }) => state.is)).toEqual(["running", "stopped"]);
    expect(story.hear({ about: "app", type: "selected", id: "other" }).state.selected).toBe("other");
    expect(story.hear({ about: "app", type: "selected", id: "nobody" }).state.selected).toBe("other");
  });
});

describe("an update that is ready", () => {
  const update = (is: UpdateState): AppEvent => ({ about: "app", type: "update", update: is });
  const ready = update({ is: "ready", version: "1.5.0" });

  it("is worth one notification, which the window makes needless", () => {
    const story = new Story().hear(update({ is: "checking" }), ready, ready);
    const notes = story.allEffects.filter((effect) => effect.do === "notify");
    expect(notes).toMatchObject([{ about: "update-ready", title: "Lockstep 1.5.0 is ready" }]);
  });

  it("is not told where notifications are off", () => {
    const story = new Story({ settings: { ...DEFAULT_SETTINGS, notifications: false } }).hear(ready);
    expect(story.allEffects).toEqual([]);
  });
});
