import { describe, expect, it } from "vitest";
import { parseDraining, parseHeartbeat, parseStatus } from "../../../../electron/daemon/daemon-messages.js";

const COUNTS = { clients: 2, inFlight: 1, rssBytes: 5 };
const SERVER = {
  name: "memory",
  state: "ready",
  pid: 9,
  version: "1.0.0",
  sessions: 1,
  calls: 5,
  errors: 0,
  lastUsedAt: "2026-11-23T14:00:00Z",
  problem: "it is slow",
};

describe("a message of a daemon", () => {
  it("keeps the fields that the app shows", () => {
    expect(parseHeartbeat({ seq: 1, at: 0, lagMs: 3, ...COUNTS })).toEqual({ lagMs: 3, ...COUNTS });
    expect(parseStatus({ ...COUNTS, servers: [SERVER], version: "1.4.0" })).toEqual({ ...COUNTS, servers: [SERVER] });
    const draining = { reason: "stop", by: "cli (pid 812)", deadlineMs: 1, for: "stop" };
    expect(parseDraining(draining)).toEqual(draining);
  });

  it("is dropped without them", () => {
    expect(parseHeartbeat({ lagMs: "3", ...COUNTS })).toBeUndefined();
    expect(parseHeartbeat(undefined)).toBeUndefined();
    expect(parseStatus(COUNTS)).toBeUndefined();
    expect(parseStatus(null)).toBeUndefined();
    expect(parseDraining({ reason: "stop" })).toBeUndefined();
  });

  it("of a newer version may name what this one does not know", () => {
    expect(parseDraining({ reason: "r", by: "b", deadlineMs: 1, for: "hibernation" })).toEqual({
      reason: "r",
      by: "b",
      deadlineMs: 1,
    });
    const servers = [{ ...SERVER, state: "frozen" }, { name: "other", state: "stopped" }, "?"];
    expect(parseStatus({ ...COUNTS, servers })?.servers.map(({ name }) => name)).toEqual(["other"]);
  });
});
