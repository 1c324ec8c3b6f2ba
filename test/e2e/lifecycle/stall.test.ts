import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect } from "vitest";

import { STALL_MS } from "../../../src/client/follow/stall.js";
import { onSlowest } from "../../fixtures/bounds.js";
import { it } from "../../fixtures/it/with-counter.js";
import { signal, until } from "../../fixtures/sandbox.js";
import { executions } from "../../fixtures/servers/counting-server.js";

// Each of these waits for half a minute or more, so they run concurrently.
describe.concurrent("a running call", () => {
  const slow = (ms: number): string[] => ["call", "counter", "slow", JSON.stringify({ ms, id: "x" })];

  it("a running call exits with 4 after 30 s when the daemon hangs", async ({ box, counted }) => {
    await box.run(["call", "counter", "echo"]);
    const call = box.run(slow(600_000));
    await until("the call is running", () => executions(counted, "slow").length === 1);
    const stopped = performance.now();
    signal(box.pid(), "SIGSTOP");
    const result = await call;
    const waited = performance.now() - stopped;
    expect(result.code).toBe(4);
    expect(result.stderr).toContain("30 s");
    expect(waited).toBeGreaterThan(STALL_MS - 2_000);
    expect(waited).toBeLessThan(STALL_MS + onSlowest(15_000));
  });

  it("a running call continues as long as the daemon sends heartbeats", async ({ box }) => {
    expect(await box.run(slow(45_000))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("slept 45000") as string,
    });
  });

  it("a running call is not ended when the client itself was suspended", async ({ box, counted }) => {
    await box.run(["call", "counter", "echo"]);
    const call = box.spawn(slow(50_000));
    const code = new Promise((done) => call.once("exit", done));
    await until("the call is running", () => executions(counted, "slow").length === 1);
    signal(call.pid ?? 0, "SIGSTOP");
    await delay(STALL_MS + 5_000);
    signal(call.pid ?? 0, "SIGCONT");
    expect(await code).toBe(0);
  });

  it("a running call does not count the time of a slow restart", async ({ box }) => {
    const root = box.installation("slow-starter", { version: "2.0.0" });
    const daemon = join(root, "daemon.js");
    const wait = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);\n";
    writeFileSync(daemon, readFileSync(daemon, "utf8").replace(/^("use strict";\n)?/, `$1${wait}`));
    await box.startStale();
    const called = await box.run(["call", "counter", "slow", '{"ms":15000}'], { from: root });
    expect(called).toMatchObject({ code: 0, stdout: expect.stringContaining("slept") as string });
    expect(called.ms).toBeGreaterThan(35_000);
  });
});
