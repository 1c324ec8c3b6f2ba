import { describe, expect, it } from "vitest";
import { beat, connected, draining, GONE, running, Story, T0, type Told } from "../../../../fixtures/app/app-story.js";

const FAILED: Told = { type: "startFailed", kind: "failed", error: "exit 1" };

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
    expect(story.hear({ about: "app", type: "settings", settings, problems: [] }).tell(GONE).did).toEqual([]);
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

  it("a daemon that was started and does not connect is looked for again, and not called dead", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "started" }).pass(9_999);
    expect([story.is, story.didAll]).toEqual(["starting", ["start (requested)"]]);
    expect(story.pass(1).didAll).toEqual(["start (requested)", "start (gone)"]);
    expect(story.tell({ type: "started" }, connected()).is).toBe("running");
  });

  it("a daemon that ends as soon as it was started has died, and its PID is named", () => {
    const story = new Story().tell({ type: "startRequested" }, { type: "started" }, connected(), GONE);
    expect([story.is, story.did]).toEqual(["failed", ["notify (died)"]]);
    expect(story.effects).toMatchObject([{ body: expect.stringContaining("PID 48213") as string }]);
  });

  it("a daemon that ends by a fault of its own is started again", () => {
    const story = running().tell(
      draining({ for: "fault", by: "the daemon itself", reason: "serve.sock was removed" }),
      GONE,
    );
    expect(story.record.state).toMatchObject({ is: "failed", what: "died", retryAt: T0 + 1000 });
  });
});
