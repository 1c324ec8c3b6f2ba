import { describe, expect, it } from "vitest";
import { beat, connected, GONE, installed, running, Story, T0 } from "../../../../fixtures/app/app-story.js";

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

  it("a read-only daemon that could not be used is not running once nothing listens any more", () => {
    for (const kind of ["refused", "unresponsive", "failed"] as const) {
      const story = readOnly().tell({ type: "unusable", kind, error: "why" }, { type: "absent" });
      expect(story.record.state).toMatchObject({ is: "stopped", why: { is: "absent" } });
    }
  });

  it("a try that fails like the one before leaves a read-only daemon's problem as it is", () => {
    const story = readOnly().tell({ type: "unusable", kind: "refused", error: "why" });
    const { state } = story.record;
    expect(story.pass(5_000).tell({ type: "unusable", kind: "refused", error: "why" }).record.state).toBe(state);
    const next = story.tell({ type: "unusable", kind: "refused", error: "another" }).record.state;
    expect(next).toMatchObject({ is: "failed", error: "another" });
  });

  it("a read-only daemon without figures is responsive while its heartbeats come as they began to", () => {
    const bare = { type: "heartbeat", beat: undefined } as const;
    const story = readOnly()
      .tell(connected({ heartbeatMs: undefined }))
      .pass(3_600_000);
    expect(story.is).toBe("running");
    story.tell(bare).pass(5_000).tell(bare);
    expect(story.record.beats.points.map(({ lagMs }) => lagMs)).toEqual([undefined, undefined]);
    expect(story.pass(9_000).is).toBe("running");
    expect(story.pass(2_000).is).toBe("unresponsive");
    expect(story.tell(bare).is).toBe("running");
    expect(story.tell(GONE).record.state).toMatchObject({ is: "stopped", why: { is: "absent" } });
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
