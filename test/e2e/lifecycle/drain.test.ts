import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { onSlowest } from "../../fixtures/bounds.js";
import { it as base } from "../../fixtures/it/with-counter.js";
import { isAlive, signal, until, type Sandbox } from "../../fixtures/sandbox.js";
import { counter, executions } from "../../fixtures/servers/counting-server.js";

const it = base.extend("slow", ({ box }) => {
  return (id: string, ms: number) => box.run(["call", "counter", "slow", JSON.stringify({ ms, id })]);
});

describe("a restart during fifty calls of a slow tool", () => {
  it("a restart during fifty calls lets them finish if they can, reports the others as outcome unknown and runs nothing twice", async ({
    box,
    counted,
    slow,
  }) => {
    await box.run(["call", "counter", "echo"]);
    const short = Array.from({ length: 25 }, (_, n) => slow(`short${n}`, 3_000));
    const long = Array.from({ length: 25 }, (_, n) => slow(`long${n}`, 600_000));
    await until("all fifty are running", () => executions(counted, "slow").length === 50);
    const restart = box.run(["restart", "--timeout", "5"]);
    await until("the daemon drains", () => box.logLines("stopping (").length > 0);
    const meanwhile = Array.from({ length: 10 }, (_, n) => slow(`new${n}`, 10));

    expect(await restart).toMatchObject({ code: 0 });
    for (const result of await Promise.all(short))
      expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining("slept") as string });
    for (const result of await Promise.all(long)) {
      expect(result.code).toBe(1);
      expect(result.stderr).toContain("outcome unknown");
    }
    for (const result of await Promise.all(meanwhile))
      expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining("new") as string });
    const ran = executions(counted, "slow");
    expect(ran).toHaveLength(60);
    expect(new Set(ran).size).toBe(60);
    expect(box.logLines("cut off")).toEqual([expect.stringContaining("counter/slow ×25")]);
  });
});

describe("a daemon that ends otherwise", () => {
  it("SIGKILL during a call leaves its outcome unknown, and the call is not repeated", async ({
    box,
    counted,
    slow,
  }) => {
    await box.run(["call", "counter", "echo"]);
    const call = slow("once", 600_000);
    await until("the call is running", () => executions(counted, "slow").length === 1);
    signal(box.pid(), "SIGKILL");
    const result = await call;
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("outcome unknown");
    await box.run(["call", "counter", "echo"]);
    expect(executions(counted, "slow")).toEqual(["slow once"]);
  });

  it("SIGTERM drains the daemon like any stop", async ({ box, counted, slow }) => {
    await box.run(["call", "counter", "echo"]);
    const call = slow("once", 1_500);
    await until("the call is running", () => executions(counted, "slow").length === 1);
    const pid = box.pid();
    signal(pid, "SIGTERM");
    expect(await call).toMatchObject({ code: 0 });
    await until("the daemon is gone", () => !isAlive(pid));
    expect(box.logLines("stopping (SIGTERM")).toHaveLength(1);
  });

  it("a second SIGTERM ends the daemon at once", async ({ box, counted, slow }) => {
    await box.run(["call", "counter", "echo"]);
    const call = slow("once", 600_000);
    await until("the call is running", () => executions(counted, "slow").length === 1);
    const pid = box.pid();
    signal(pid, "SIGTERM");
    await until("it drains", () => box.logLines("stopping (").length > 0);
    signal(pid, "SIGTERM");
    await until("the daemon is gone", () => !isAlive(pid));
    expect(endedAfter(box)).toBeLessThan(onSlowest(1_000));
    expect((await call).stderr).toContain("outcome unknown");
  });

  it("a daemon whose files are removed logs it and makes room for a successor", async ({ box }) => {
    await box.run(["start"]);
    const pid = box.pid();
    rmSync(join(box.dir, "serve.sock"));
    rmSync(join(box.dir, "daemon.lock"));
    await until("the daemon noticed", () => !isAlive(pid));
    expect(box.logLines("lock").length).toBeGreaterThan(0);
    expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });
  });

  it("a displaced daemon neither writes nor removes its successor's files", async ({ box }) => {
    expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });
    const displaced = box.pid();
    rmSync(join(box.dir, "serve.sock"));
    rmSync(join(box.dir, "daemon.lock"));
    expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });
    const successor = box.pid();
    expect(successor).not.toBe(displaced);
    const serverOfSuccessor = Number((await box.run(["call", "counter", "pid"])).stdout);

    await until("the displaced daemon has ended", () => !isAlive(displaced));
    const json = (file: string): unknown => JSON.parse(readFileSync(join(box.dir, file), "utf8"));
    expect(box.pid()).toBe(successor);
    expect(json("serve.json")).toMatchObject({ pid: successor, state: "running" });
    expect(json("children.json")).toMatchObject([{ name: "counter", pid: serverOfSuccessor }]);
  });

  it("SIGHUP does not end the daemon", async ({ box }) => {
    await box.run(["start"]);
    const pid = box.pid();
    signal(pid, "SIGHUP");
    expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });
    expect(box.pid()).toBe(pid);
  });

  it("a daemon that stops also ends a hosted server that refuses to end", async ({ box }) => {
    box.writeServers({ counter: counter({ COUNTER_STUBBORN: "1" }) });
    const server = Number((await box.run(["call", "counter", "pid"])).stdout);
    const grandchild = Number((await box.run(["call", "counter", "fork"])).stdout);
    expect(isAlive(server) && isAlive(grandchild)).toBe(true);
    expect(await box.run(["stop"])).toMatchObject({ code: 0 });
    expect(isAlive(server) || isAlive(grandchild)).toBe(false);
  });

  it("a stubborn hosted server does not make an idle daemon use up the time that is meant for calls", async ({
    box,
  }) => {
    box.writeServers({ counter: counter({ COUNTER_STUBBORN: "1" }) });
    const server = Number((await box.run(["call", "counter", "pid"])).stdout);
    expect(await box.run(["stop", "--timeout", "600"])).toMatchObject({ code: 0, signal: null });
    expect(isAlive(server)).toBe(false);
  });

  it("a second SIGTERM kills hosted servers that are being ended", async ({ box }) => {
    box.writeServers({ counter: counter({ COUNTER_STUBBORN: "1" }) });
    const server = Number((await box.run(["call", "counter", "pid"])).stdout);
    const pid = box.pid();
    signal(pid, "SIGTERM");
    await until("it stops", () => box.logLines("stopping (").length > 0);
    signal(pid, "SIGTERM");
    await until("the daemon is gone", () => !isAlive(pid));
    expect(isAlive(server)).toBe(false);
    expect(endedAfter(box)).toBeLessThan(onSlowest(1_000));
  });
});

/** The time from the second SIGTERM to the daemon's end, ms, by its log: less than the 5 s that calls are given. */
function endedAfter(box: Sandbox): number {
  const at = (text: string): number => Date.parse(box.logLines(text)[0]?.split(" ")[0] ?? "");
  return at("daemon: stopped") - at("ending at once");
}
