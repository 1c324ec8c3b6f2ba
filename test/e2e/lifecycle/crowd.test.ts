import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";

import { RawClient } from "../../fixtures/daemons/raw-client.js";
import { it as withCounter } from "../../fixtures/it/with-counter.js";
import { until } from "../../fixtures/sandbox.js";

const MISBEHAVING = resolve("test/fixtures/daemons/misbehaving-clients.mjs");
const CLIENTS = 40;
const CALLS = 25;
/** The unread answers, half messages and open requests of ten clients, each of them bounded. */
const MOST_MB = 300;

const it = withCounter.extend("connect", ({ box }, { onCleanup }) => {
  const clients: RawClient[] = [];
  onCleanup(() => clients.forEach((client) => client.close()));
  return async (): Promise<RawClient> => {
    const client = new RawClient(box);
    clients.push(client);
    await client.initialize("counter");
    return client;
  };
});

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

it("ten clients that misbehave in ten ways cost forty others no call, and the daemon neither memory nor descriptors for good", async ({
  box,
  connect,
}) => {
  expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });
  const pid = box.pid();
  const descriptors = descriptorsOf(pid);
  const before = residentMb(pid);
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, residentMb(pid))), 100);

  const misbehaving = box.track(
    spawn(process.execPath, [MISBEHAVING, join(box.dir, "serve.sock")], { stdio: ["ignore", "pipe", "inherit"] }),
  );
  await once(misbehaving.stdout!, "data");
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect()));
  const working = clients.map(async (client, which) => {
    for (let n = 0; n < CALLS; n++) {
      client.call(n, "echo", { which, n });
      expect(await client.answer(String(n))).toContain(`{\\"which\\":${which},\\"n\\":${n}}`);
    }
    expect(client.isClosed).toBe(false);
  });
  await Promise.all(working);
  expect(await box.run(["status"])).toMatchObject({ code: 0 });
  expect(box.pid()).toBe(pid);

  misbehaving.kill("SIGKILL");
  for (const client of clients) client.close();
  await until("every descriptor is free again", () => descriptorsOf(pid) <= descriptors);
  clearInterval(watch);
  expect(most - before).toBeLessThan(MOST_MB);
  expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });
  expect(box.logLines("uncaught")).toEqual([]);
});

it("with a thousand clients connected another is answered as ever, and what they took is given back", async ({
  box,
  connect,
}) => {
  expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });
  const pid = box.pid();
  const before = descriptorsOf(pid);
  const clients = await Promise.all(Array.from({ length: 1_000 }, () => connect()));
  // `before` may still count the connection of the call.
  expect(descriptorsOf(pid)).toBeGreaterThanOrEqual(1_000);
  expect(await box.run(["call", "counter", "pid"], { boundMs: 30_000 })).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse((await box.run(["status", "--json"])).stdout)).toMatchObject({ state: "running", clients: 1_001 });
  for (const client of clients) client.close();
  await until("every descriptor is free again", () => descriptorsOf(pid) <= before);
  expect(box.pid()).toBe(pid);
  expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });
});
