import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "vitest";
import { startCaller } from "../../fixtures/daemons/caller.js";
import { it } from "../../fixtures/it/with-counter.js";
import { until } from "../../fixtures/sandbox.js";

const RESTARTS = 15;

it("a client that calls without pause loses no call in fifteen restarts and repeats none", async ({ box, counted }) => {
  const caller = startCaller(
    { codeDir: resolve("dist"), execPath: process.execPath, server: "counter" },
    { ...process.env, LOCKSTEP_DIR: box.dir },
  );
  box.track(caller.process);
  for (let restart = 0; restart < RESTARTS; restart++) {
    const before = caller.said.length;
    await until("calls are answered", () => caller.said.slice(before).filter(({ is }) => is === "answered").length > 5);
    expect((await box.run(["restart"])).code).toBe(0);
  }
  await caller.end();
  const calls = caller.said.filter(({ call }) => call !== undefined);
  expect(calls.filter(({ is }) => is !== "answered")).toEqual([]);
  const ran = readFileSync(counted, "utf8")
    .split("\n")
    .filter((line) => /^(echo|slow) /.test(line));
  expect(ran.map((line) => line.split(" ")[1])).toEqual(calls.map(({ call }) => call));
}, 60_000);
