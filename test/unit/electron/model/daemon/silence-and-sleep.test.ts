import { describe, expect, it } from "vitest";
import { nextTickAt } from "../../../../../electron/model/reduce.js";
import { beat, connected, draining, GONE, running, Story, T0 } from "../../../../fixtures/app/app-story.js";

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

  it("a daemon that never answered and is gone is started again, after a while for its successor", () => {
    const story = new Story().tell({ type: "unusable", kind: "unresponsive", error: "no answer" }, { type: "absent" });
    expect(story.record.state).toMatchObject({ is: "starting", whose: "theirs", after: "death" });
    expect([story.pass(3_000).is, story.did]).toEqual(["failed", ["notify (died)"]]);
    expect([story.pass(1_000).is, story.did]).toEqual(["starting", ["start (died)"]]);
  });

  it("a daemon that never answered and is gone stays away after a stop, also if that stop failed", () => {
    const story = new Story().tell({ type: "unusable", kind: "unresponsive", error: "no answer" });
    story.tell({ type: "stopRequested" }, { type: "stopFailed", error: "cannot be proven" }, { type: "absent" });
    story.pass(60_000);
    expect(story.record).toMatchObject({ state: { is: "stopped" }, problem: undefined });
    expect(story.didAll).toEqual(["stop"]);
  });

  it.each(["refused", "failed"] as const)(
    "a daemon is started once nothing is left of what stood in its way (%s)",
    (kind) => {
      const story = new Story().tell({ type: "unusable", kind, error: "no" }, { type: "absent" });
      expect([story.is, story.didAll]).toEqual(["starting", []]);
      expect(story.pass(10_000).didAll).toEqual(["start (gone)"]);
    },
  );

  it("that no daemon runs changes neither an operation nor the wait for a retry", () => {
    const story = running().tell(GONE, { type: "absent" });
    expect(story.record.state).toMatchObject({ is: "failed", what: "died", retryAt: T0 + 1000 });
    expect(story.pass(1000).tell({ type: "absent" }).record).toMatchObject({
      state: { is: "starting", whose: "ours" },
      operation: { kind: "start" },
    });
  });

  it("a failed start that is tried again is not taken for a socket that cannot be used", () => {
    const story = new Story().tell(
      { type: "startRequested" },
      { type: "startFailed", kind: "failed", error: "exit 1" },
    );
    story.tell({ type: "unusable", kind: "failed", error: "others can write /h/.lockstep" });
    expect(story.record.state).toMatchObject({ what: "start-failed", retryAt: T0 + 1000 });
  });

  it.each([0, 1e15])("a daemon that promises a heartbeat every %d ms is given a sensible time", (heartbeatMs) => {
    const story = new Story().tell(connected({ heartbeatMs })).pass(900);
    expect(story.is).toBe("running");
    expect(story.pass(3_600_000).is).toBe("unresponsive");
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

  it("a daemon that is silent on a machine where every tick is late is reported", () => {
    const story = running().pass(1000).tell(beat());
    const lateTick = () =>
      story.standStill(nextTickAt(story.state)! - story.now + 3000).hear({ about: "clock", type: "tick" }).is;
    expect([lateTick(), lateTick()]).toEqual(["running", "unresponsive"]);
  });

  it("two sleeps without an event are recognised, a minute apart", () => {
    const story = running();
    for (let sleep = 0; sleep < 2; sleep++) {
      story.standStill(3_600_000).hear({ about: "clock", type: "tick" });
      expect(story.is).toBe("running");
      for (let beats = 0; beats < 40; beats++) story.pass(2000).tell(beat());
    }
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

describe("a clock that is set back", () => {
  const HOUR = 3_600_000;

  it("a retry is made as soon as it was to be, though the clock was set back an hour", () => {
    const story = running().tell(GONE).standStill(400).setBack(HOUR).tell({ type: "problemDismissed" });
    expect(story.pass(1_000).didAll.at(-1)).toBe("start (died)");
  });

  it("silence is noticed as soon as before, though the clock was set back an hour", () => {
    const story = running().tell(beat()).setBack(HOUR).hear({ about: "clock", type: "tick" });
    expect([story.pass(3_999).is, story.pass(1).is]).toEqual(["running", "unresponsive"]);
    expect(story.record.beats.points.map(({ at }) => at)).toEqual([T0 - HOUR]);
  });

  it("the wait for another client's restart ends as soon as before, though the clock was set back an hour", () => {
    const story = running()
      .tell(draining({ for: "restart" }), GONE)
      .setBack(HOUR);
    story.hear({ about: "clock", type: "tick" });
    expect(story.pass(10_000).did).toEqual(["start (gone)"]);
  });

  it("how long an operation has lasted does not change when the clock is set back", () => {
    const story = running().pass(1_000).tell({ type: "restartRequested" }).setBack(HOUR).tell(beat());
    expect(story.now - (story.record.operation?.since ?? 0)).toBe(0);
    expect(story.record.state).toMatchObject({ live: { connectedAt: T0 - HOUR } });
  });
});
