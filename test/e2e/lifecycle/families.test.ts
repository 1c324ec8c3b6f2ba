import { readFileSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { processStartTime } from "../../../src/state/platform/processes.js";
import { it } from "../../fixtures/it/with-box.js";
import { isAlive, signal, until, type Sandbox } from "../../fixtures/sandbox.js";

const COUNTER = { command: process.execPath, args: [resolve("test/fixtures/servers/counter.mjs")] };
const HOW = ["group", "own", "twice", "bare"] as const;

/** Starts the server, with one process of each kind below it. All of them ignore SIGTERM. */
async function grow(box: Sandbox): Promise<{ server: number; descendants: number[] }> {
  box.writeServers({ counter: COUNTER });
  const server = Number((await box.run(["call", "counter", "pid"])).stdout);
  const descendants: number[] = [];
  for (const how of HOW) descendants.push(Number((await box.run(["call", "counter", "fork", `how=${how}`])).stdout));
  expect(descendants.every(isAlive), descendants.join()).toBe(true);
  return { server, descendants };
}

const allGone = (pids: number[]): Promise<unknown> =>
  until("the server's descendants are gone", () => !pids.some(isAlive));

describe("what a hosted server has started, in any group or session,", () => {
  it("ends with the server in an orderly stop", async ({ box }) => {
    const { server, descendants } = await grow(box);
    expect((await box.run(["stop"])).code).toBe(0);
    await allGone([server, ...descendants]);
  });

  it("ends when the server crashes, before it is started again", async ({ box }) => {
    const { server, descendants } = await grow(box);
    signal(server, "SIGKILL");
    const successor = Number((await box.run(["call", "counter", "pid"])).stdout);
    expect(successor).toBeGreaterThan(0);
    expect(successor).not.toBe(server);
    expect(descendants.filter(isAlive)).toEqual([]);
  });

  it("ends in an orderly stop even when the server stands still", async ({ box }) => {
    const { server, descendants } = await grow(box);
    signal(server, "SIGSTOP");
    expect((await box.run(["stop", "--timeout", "2"])).code).toBe(0);
    await allGone([server, ...descendants]);
  });

  it("ends when the next daemon starts after a crash of daemon and server, and is recorded until then", async ({
    box,
  }) => {
    const { server, descendants } = await grow(box);
    const daemon = box.pid();
    signal(daemon, "SIGKILL");
    signal(server, "SIGKILL");
    await until("both are gone", () => !isAlive(daemon) && !isAlive(server));
    expect(descendants.every(isAlive)).toBe(true);
    expect((await box.run(["start"])).code).toBe(0);
    const recorded = JSON.parse(readFileSync(join(box.dir, "children.json"), "utf8")) as { pid: number }[];
    expect(recorded.map(({ pid }) => pid)).toContain(server);
    await allGone(descendants);
    expect(box.logLines("reaped orphan")).toHaveLength(1);
  });

  it("ends when the next daemon starts even if the record is lost", async ({ box }) => {
    const { server, descendants } = await grow(box);
    const daemon = box.pid();
    signal(daemon, "SIGKILL");
    await until("the daemon is gone", () => !isAlive(daemon));
    writeFileSync(join(box.dir, "children.json"), "[{");
    expect((await box.run(["start"])).code).toBe(0);
    await allGone([server, ...descendants]);
  });
});

it("a process that has got the number of a recorded server is left alone, and so is its group", async ({ box }) => {
  await box.run(["start"]);
  const daemon = box.pid();
  signal(daemon, "SIGKILL");
  await until("the daemon is gone", () => !isAlive(daemon));
  const stranger = box.track(spawn("sleep", ["60"], { detached: true, stdio: "ignore" }));
  await once(stranger, "spawn");
  const pid = stranger.pid!;
  const startTime = `${processStartTime(pid)!.split("/")[0]}/1`;
  const entries = [
    { name: "a", pid, pgid: pid, startTime, family: `${box.dir}#1.x` },
    { name: "b", pid, pgid: pid, startTime: "" },
    { name: "c", pid: 1, pgid: pid, startTime },
  ];
  writeFileSync(join(box.dir, "children.json"), JSON.stringify(entries));
  box.writeServers({ counter: COUNTER });
  expect((await box.run(["call", "counter", "pid"])).code).toBe(0);
  expect(isAlive(pid)).toBe(true);
  expect(box.logLines("reaped orphan")).toEqual([]);
});
