import { describe, expect, it } from "vitest";
import { nextTickAt } from "../../../../../electron/model/reduce.js";
import {
  connected,
  draining,
  GONE,
  installed,
  RESTART_BY_CLI,
  running,
  Story,
  T0,
  type Told,
} from "../../../../fixtures/app/app-story.js";

const NEW_BUILD = installed({ version: "1.5.0", buildId: "b15" });
/** The outcome of the first operation, which others have followed. */
const LATE_FAILED: Told = { type: "startFailed", operation: 1, kind: "failed", error: "exit 1" };
const LATE_STARTED: Told = { type: "started", operation: 1 };

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
    const story = running().tell(draining(), GONE, connected({ pid: 7, launchedBy: "cli (pid 812)" }));
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
  ] as [string, Told[]][])(
    "a start requested during our own stop starts the daemon afterwards, the connection ending %s its outcome",
    (_, events) => {
      const story = running().tell({ type: "stopRequested" }, draining(), { type: "startRequested" }, ...events);
      expect([story.is, story.didAll.at(-1)]).toEqual(["starting", "start (requested)"]);
    },
  );

  it("a stop wins over the outcome of a start that was under way", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "stopRequested" }, LATE_FAILED, {
      type: "stopped",
    });
    expect(story.record.state).toMatchObject({ is: "stopped", why: { is: "deliberate" } });
    expect(story.pass(60_000).didAll).toEqual(["start (requested)", "stop"]);
  });

  it("a stop is not undone by the late outcome of the start that it superseded", () => {
    const story = new Story().tell(
      { type: "startRequested" },
      { type: "stopRequested" },
      { type: "stopped" },
      LATE_FAILED,
    );
    expect(story.pass(60_000).didAll).toEqual(["start (requested)", "stop"]);
    expect(story.is).toBe("stopped");
  });

  it("the late outcome of a start that a stop has replaced does not count for the next start", () => {
    const start: Told = { type: "startRequested" };
    const story = new Story().tell(start, { type: "stopRequested" }, { type: "stopped" }, start);
    expect(story.tell(LATE_FAILED).record).toMatchObject({ state: { is: "starting" }, operation: { id: 3 } });
    expect(story.tell(LATE_STARTED).record).toMatchObject({ state: { is: "starting" }, operation: { id: 3 } });
  });

  it("a daemon that comes up of a start that was stopped is not taken for a wish to run it", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "stopRequested" });
    story.tell({ type: "stopFailed", error: "cannot be proven" }, connected());
    expect([story.is, story.record.wanted]).toEqual(["running", "stopped"]);
    story.tell(GONE).pass(60_000);
    expect([story.is, story.didAll]).toEqual(["stopped", ["start (requested)", "stop"]]);
  });

  it("a daemon that could not be stopped is not to run again because its connection was lost and made again", () => {
    const foreign = connected({ pid: 7, launchedBy: "cli (pid 812)" });
    const story = new Story().tell(foreign, { type: "stopRequested" }, { type: "stopFailed", error: "it is stuck" });
    expect(story.tell(GONE, foreign).record.wanted).toBe("stopped");
  });

  it("of a stop, a start and another stop the last one counts", () => {
    const story = running().tell({ type: "stopRequested" }, { type: "startRequested" }, { type: "stopRequested" });
    story.tell(draining(), GONE, { type: "stopped" }).pass(60_000);
    expect([story.is, story.didAll]).toEqual(["stopped", ["start (requested)", "stop"]]);
  });

  it("a restart requested during our own stop starts the daemon afterwards", () => {
    const story = running().tell({ type: "stopRequested" }, { type: "restartRequested" }, draining(), GONE);
    expect([story.is, story.didAll.at(-1)]).toEqual(["starting", "start (requested)"]);
  });

  it("a start requested during a stop that fails is made all the same", () => {
    const story = running().tell(GONE, { type: "stopRequested" }, { type: "startRequested" });
    story.tell({ type: "stopFailed", error: "cannot be proven" });
    expect([story.is, story.didAll.at(-1)]).toEqual(["starting", "start (requested)"]);
  });

  it("a stop during our own restart leaves the daemon stopped, though that ends for the restart", () => {
    const story = running().tell({ type: "restartRequested" });
    story.tell(draining({ for: "restart", by: "tray (pid 40)" }), { type: "stopRequested" }, GONE);
    expect([story.is, story.record.wanted]).toEqual(["stopped", "stopped"]);
    expect(story.tell({ type: "stopped" }).pass(60_000).didAll.at(-1)).toBe("stop");
  });

  it("a stop ends the retries of a failed daemon, even if the stop itself fails", () => {
    const story = running().tell(GONE, { type: "stopRequested" }, { type: "stopFailed", error: "cannot be proven" });
    expect(story.pass(3_600_000).didAll.at(-1)).toBe("stop");
  });

  it("a stopped daemon is not started by a wake of the machine or by a new version on disk", () => {
    const stop: Told[] = [{ type: "stopRequested" }, { type: "stopped" }];
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

describe("a package's hook that ends the daemon of the old version", () => {
  const UPGRADE = draining({ for: "upgrade", reason: "out of step with 1.5.0", by: "cli (pid 812)" });

  it("a daemon that an upgrade ends is started again, in the new version", () => {
    const story = running().tell(UPGRADE);
    expect(story.record).toMatchObject({ state: { is: "draining", ending: "upgrade" }, wanted: "running" });
    expect([story.tell(GONE).is, story.did]).toEqual(["starting", ["start (drift)"]]);
  });

  it("a daemon that an upgrade ends while it is to stay stopped is not started again", () => {
    const story = running().tell({ type: "stopRequested" }, { type: "stopFailed", error: "it is stuck" }, UPGRADE);
    expect(story.tell(GONE).pass(60_000).record.state).toMatchObject({ is: "stopped", why: { is: "deliberate" } });
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
    expect(story.effects).toEqual([{ do: "restart", daemon: "lockstep", operation: 2, why: "requested", force: true }]);
  });
});
