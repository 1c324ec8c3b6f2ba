import { afterEach, beforeEach, expect, it } from "vitest";

import { Sandbox, type RunResult } from "../../fixtures/sandbox.js";

let box: Sandbox;
beforeEach(() => {
  box = new Sandbox();
});
afterEach(() => box.close());

const CLIENTS = 100;
const ROUNDS = Array.from({ length: 10 }, (_, round) => [round + 1] as const);

function hundredCalls(): Promise<RunResult[]> {
  return Promise.all(Array.from({ length: CLIENTS }, () => box.run(["call", "memory", "read_graph"])));
}

function failures(results: RunResult[]): RunResult[] {
  return results.filter(({ code, stdout }) => code !== 0 || !stdout.includes("entities"));
}

it.each(ROUNDS)(
  "a hundred calls at once on a stale daemon make one restart, round %i",
  { timeout: 90_000 },
  async () => {
    const stale = await box.startStale();
    const results = await hundredCalls();
    expect(failures(results)).toEqual([]);
    expect(box.daemons()).toEqual([box.pid()]);
    expect(box.pid()).not.toBe(stale);
    expect(box.logLines("version-mismatch restart")).toHaveLength(1);
    expect(box.ledger().filter(({ did }) => did === "restart")).toHaveLength(1);
    expect(results.filter(({ stderr }) => stderr.includes("restarting"))).toHaveLength(1);
  },
);

it.each(ROUNDS)("a hundred calls at once with no daemon start one, round %i", { timeout: 90_000 }, async () => {
  expect(failures(await hundredCalls())).toEqual([]);
  expect(box.daemons()).toEqual([box.pid()]);
  expect(box.logLines("daemon: ready")).toHaveLength(1);
  expect(box.ledger()).toHaveLength(1);
});
