import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { HostProgress } from "../../../src/bridge/host-progress.js";
import { HostRequests, type HostRequest } from "../../../src/bridge/host-requests.js";
import { readEnvelope, type RequestEnvelope } from "../../../src/wire/envelope.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const requests = new HostRequests();
let lastId = 0;

function openRequest(): HostRequest {
  const raw = Buffer.from(`{"jsonrpc":"2.0","id":${++lastId},"method":"tools/call"}`);
  return requests.add(readEnvelope(raw) as RequestEnvelope)!;
}

it("progress is passed on at most ten times a second for each request, and the last one before the answer", () => {
  const sent: string[] = [];
  const progress = new HostProgress((frame) => sent.push(frame.toString()));
  const [one, other] = [openRequest(), openRequest()];
  for (let step = 1; step <= 1_000; step++) {
    progress.pass(one, Buffer.from(`one ${step}`));
    if (step === 1) progress.pass(other, Buffer.from("other 1"));
    vi.advanceTimersByTime(1);
  }
  expect(sent.slice(0, 3)).toEqual(["one 1", "other 1", "one 100"]);
  expect(sent.length).toBeLessThanOrEqual(12);
  progress.pass(one, Buffer.from("one last"));
  progress.finish(one);
  expect(sent.at(-1)).toBe("one last");
  const count = sent.length;
  vi.advanceTimersByTime(1_000);
  expect(sent).toHaveLength(count);
});

it("nothing is sent for a request that the host has cancelled", () => {
  const sent: string[] = [];
  const progress = new HostProgress((frame) => sent.push(frame.toString()));
  const request = openRequest();
  progress.pass(request, Buffer.from("1"));
  progress.pass(request, Buffer.from("2"));
  requests.settle(request);
  vi.advanceTimersByTime(1_000);
  expect(sent).toEqual(["1"]);
  expect(vi.getTimerCount()).toBe(0);
});
