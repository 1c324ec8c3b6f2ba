import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Redelivery, REDELIVERY_BOUND_MS } from "../../../../src/client/follow/redelivery.js";
import { MessageTooLongError } from "../../../../src/wire/frames.js";
import { PeerClosedError } from "../../../../src/wire/peer.js";
import { RpcError } from "../../../../src/wire/rpc-error.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refused = new RpcError(-32001, "draining", { delivered: false });
const unsent = new PeerClosedError("x", false);
const first = { pid: 1, startedAt: "2026-01-01T00:00:00Z" };
const second = { pid: 2, startedAt: "2026-01-01T00:00:01Z" };

it("a request that one daemon refused is sent to each next daemon", async () => {
  using redelivery = new Redelivery();
  expect(await redelivery.isWorthwhile(refused, first)).toBe(true);
  expect(await later(redelivery.isWorthwhile(refused, second))).toBe(true);
  expect(await later(redelivery.isWorthwhile(refused, { pid: 3 }))).toBe(true);
});

it.each([
  ["with the same identity", first, first],
  ["with the same pid, as far as it is known", { pid: 1 }, first],
  ["that give no identity", {}, {}],
])("a request is not sent a third time to daemons %s that refused it twice", async (_which, one, other) => {
  using redelivery = new Redelivery();
  expect(await redelivery.isWorthwhile(refused, one)).toBe(true);
  expect(await later(redelivery.isWorthwhile(refused, other))).toBe(false);
});

it("a request that could not be sent is sent again for a minute, ever more slowly", async () => {
  using redelivery = new Redelivery();
  let tries = 0;
  while (await later(redelivery.isWorthwhile(unsent, first))) tries++;
  expect(tries).toBeGreaterThan(REDELIVERY_BOUND_MS / 2_000);
  expect(tries).toBeLessThan(200);
});

it("a request that is too long is not sent again", async () => {
  using redelivery = new Redelivery();
  expect(await redelivery.isWorthwhile(new MessageTooLongError(1), first)).toBe(false);
});

it("the wait before a request is sent again ends with the caller's reason", async () => {
  using redelivery = new Redelivery();
  const abort = new AbortController();
  await redelivery.isWorthwhile(unsent, first, abort.signal);
  const again = redelivery.isWorthwhile(unsent, first, abort.signal);
  abort.abort(new Error("changed my mind"));
  await expect(again).rejects.toThrow("changed my mind");
});

/** The result, after as much of the fake time as it takes. */
async function later<T>(result: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(1_500);
  return result;
}
