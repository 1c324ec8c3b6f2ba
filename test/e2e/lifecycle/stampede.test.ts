import { expect } from "vitest";

import { it } from "../../fixtures/it/with-box.js";
import type { RunResult, Sandbox } from "../../fixtures/sandbox.js";

const CLIENTS = 100;
const ROUNDS = Array.from({ length: 10 }, (_, round) => [round + 1] as const);

function hundredCalls(box: Sandbox): Promise<RunResult[]> {
  return Promise.all(Array.from({ length: CLIENTS }, () => box.run(["call", "memory", "read_graph"])));
}

function failures(results: RunResult[]): RunResult[] {
  return results.filter(({ code, stdout }) => code !== 0 || !stdout.includes("entities"));
}

it.for(ROUNDS)("a hundred calls at once on a stale daemon cause one restart, round %i", async ([], { box }) => {
  const stale = await box.startStale();
  const results = await hundredCalls(box);
  expect(failures(results)).toEqual([]);
  expect(box.daemons()).toEqual([box.pid()]);
  expect(box.pid()).not.toBe(stale);
  expect(box.logLines("version-mismatch restart")).toHaveLength(1);
  expect(box.ledger().filter(({ did }) => did === "restart")).toHaveLength(1);
  expect(results.filter(({ stderr }) => stderr.includes("restarting"))).toHaveLength(1);
});

it.for(ROUNDS)("a hundred calls at once with no daemon start one, round %i", async ([], { box }) => {
  expect(failures(await hundredCalls(box))).toEqual([]);
  expect(box.daemons()).toEqual([box.pid()]);
  expect(box.logLines("daemon: ready")).toHaveLength(1);
  expect(box.ledger()).toHaveLength(1);
});
