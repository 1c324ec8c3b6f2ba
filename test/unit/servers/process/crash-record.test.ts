import { expect, it } from "vitest";

import { backoffMs, CrashRecord } from "../../../../src/servers/process/crash-record.js";

it("after the first crash there is no wait, then one that doubles up to a minute", () => {
  expect([1, 2, 3, 4, 7, 8, 9, 100].map(backoffMs)).toEqual([0, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
});

it("a crash after a healthy minute counts as the first one", () => {
  const record = new CrashRecord();
  const next = (readyMs: number | undefined): number => record.add(readyMs, "exited").nextStartMs;
  expect([next(10), next(10), next(10), next(60_000), next(10), next(undefined)]).toEqual([
    0, 1_000, 2_000, 0, 1_000, 2_000,
  ]);
});

it("after a failed start there is a wait, so that not every request starts the server", () => {
  expect(new CrashRecord().add(undefined, "no program")).toEqual({
    nextStartMs: 1_000,
    what: "could not be started: no program",
  });
});
