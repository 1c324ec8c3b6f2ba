import { expect, it, onTestFinished, vi } from "vitest";

import { Port } from "../../../../src/servers/route/port.js";
import type { SessionClient } from "../../../../src/servers/route/session-client.js";

const MIB = 1024 * 1024;

it("a client that two servers hold is read again when both have released it", () => {
  let paused = false;
  const port = new Port({ pause: () => (paused = true), resume: () => (paused = false) } as unknown as SessionClient);
  const [releaseFirst, releaseSecond] = [port.hold("one"), port.hold("two")];
  expect(paused).toBe(true);
  releaseFirst();
  releaseFirst();
  expect(paused).toBe(true);
  releaseSecond();
  expect(paused).toBe(false);
});

/** A client of which so many bytes are unread as `reader.unread` says. */
function reader() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const state = { unread: 0, killed: undefined as string | undefined };
  const port = new Port({
    send: (frame: Buffer) => (state.unread += frame.length) < MIB,
    bufferedBytes: () => state.unread,
    kill: (error: Error) => (state.killed = error.message),
  } as unknown as SessionClient);
  return { state, port };
}

it("a client that reads gets everything, however much waits for it meanwhile", () => {
  const { state, port } = reader();
  for (let answer = 0; answer < 6; answer++) port.deliver(Buffer.alloc(40 * MIB));
  for (let second = 0; second < 120; second++) {
    vi.advanceTimersByTime(1_000);
    state.unread = Math.max(0, state.unread - MIB);
  }
  expect(state.killed).toBeUndefined();
});

it("a client that reads nothing for 30 s while more than 64 MiB wait for it is disconnected", () => {
  const { state, port } = reader();
  for (let answer = 0; answer < 5; answer++) port.deliver(Buffer.alloc(15 * MIB));
  vi.advanceTimersByTime(29_000);
  expect(state.killed).toBeUndefined();
  vi.advanceTimersByTime(3_000);
  expect(state.killed).toBe("The client does not read: more than 67 MB wait for it.");
});

it("a client with more than 512 MiB unread is disconnected at once", () => {
  const { state, port } = reader();
  const answer = Buffer.alloc(60 * MIB);
  for (let count = 0; count < 8; count++) port.deliver(answer);
  expect(state.killed).toBeUndefined();
  port.deliver(answer);
  expect(state.killed).toContain("The client does not read: more than 537 MB");
});
