import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

import { ratio } from "./measure.js";
import { BenchDirectory } from "./state-dir.js";

const COUNTER = resolve("test/fixtures/servers/counter.mjs");
const MISBEHAVING = resolve("test/fixtures/daemons/misbehaving-clients.mjs");
const CLIENTS = 40;
const ROUNDS = 6;
const ROUND_MS = 4_000;
/** Between two calls of one client. */
const PAUSE_MS = 20;

/** How long forty clients wait for their calls with and without ten others that misbehave in ten ways. */
export async function benchCrowd(): Promise<void> {
  const place = new BenchDirectory();
  const servers = { counter: { command: process.execPath, args: [COUNTER] } };
  writeFileSync(join(place.dir, "servers.json"), JSON.stringify({ mcpServers: servers }));
  try {
    place.cli("call", "counter", "echo", "--quiet");
    const pid = Number(readFileSync(join(place.dir, "serve.pid"), "utf8"));
    const before = costsOf(pid);
    const path = join(place.dir, "serve.sock");
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(path)));
    const alone: number[] = [];
    const beside: number[] = [];
    // In turn, so that other load on the machine affects both alike. The first round warms the code.
    await callsOf(clients, []);
    for (let round = 0; round < ROUNDS; round++) {
      await callsOf(clients, alone);
      const misbehaving = spawn(process.execPath, [MISBEHAVING, path], { stdio: ["ignore", "pipe", "inherit"] });
      await once(misbehaving.stdout, "data");
      await callsOf(clients, beside);
      misbehaving.kill("SIGKILL");
      await once(misbehaving, "exit");
      await delay(500);
    }
    const during = costsOf(pid);
    for (const { socket } of clients) socket.destroy();
    await delay(4_000);
    const after = costsOf(pid);
    print("40 clients alone", alone);
    print("40 clients beside ten that misbehave", beside);
    ratio("p99 beside over alone", percentile(beside, 0.99) / percentile(alone, 0.99), 2);
    console.log(`  memory: ${before.mb} MB before, ${during.mb} MB during, ${after.mb} MB after`);
    console.log(`  descriptors: ${before.descriptors} before, ${after.descriptors} after`);
    if (after.descriptors > before.descriptors) process.exitCode = 1;
  } finally {
    place.remove();
  }
}

interface Client {
  socket: Socket;
  call(): Promise<void>;
}

async function connect(path: string): Promise<Client> {
  const socket = createConnection(path);
  await once(socket, "connect");
  const waiting = new Map<number, () => void>();
  createInterface({ input: socket }).on("line", (line) => {
    const { id } = JSON.parse(line) as { id?: number };
    if (id !== undefined) waiting.get(id)?.();
  });
  let last = 0;
  const request = (method: string, params: object): Promise<void> =>
    new Promise((done) => {
      waiting.set(++last, done);
      socket.write(`${JSON.stringify({ jsonrpc: "2.0", id: last, method, params })}\n`);
    });
  const lockstep = { role: "library", pid: process.pid, server: "counter" };
  await request("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: { experimental: { lockstep } },
    clientInfo: { name: "bench", version: "1" },
  });
  return { socket, call: () => request("tools/call", { name: "echo", arguments: { text: "hello" } }) };
}

async function callsOf(clients: readonly Client[], times: number[]): Promise<void> {
  const end = performance.now() + ROUND_MS;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < end) {
        const started = performance.now();
        await client.call();
        times.push(performance.now() - started);
        await delay(PAUSE_MS);
      }
    }),
  );
}

function percentile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

function print(name: string, times: readonly number[]): void {
  const [p50, p99] = [0.5, 0.99].map((part) => percentile(times, part).toFixed(2).padStart(8));
  console.log(`  ${name.padEnd(44)} p50 ${p50} ms   p99 ${p99} ms   n=${times.length}`);
}

function costsOf(pid: number): { mb: number; descriptors: number } {
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { mb: Math.round(Number(rss) / 1024), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}
