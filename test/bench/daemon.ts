import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

import { interleaved, ratio, row } from "./measure.js";
import { BenchDirectory } from "./state-dir.js";

const ECHO = resolve("test/fixtures/servers/counter.mjs");
const CONNECTIONS = 1_000;

/** Calls through the daemon against the same server on direct stdio; memory and CPU of an idle daemon. */
export async function benchDaemon(): Promise<void> {
  const place = new BenchDirectory();
  writeFileSync(
    join(place.dir, "servers.json"),
    JSON.stringify({ mcpServers: { echo: { command: process.execPath, args: [ECHO] } } }),
  );
  try {
    place.cli("start", "--quiet");
    await idle(place);
    await throughTheDaemon(place);
    await connections(place);
  } finally {
    place.remove();
  }
}

async function throughTheDaemon(place: BenchDirectory): Promise<void> {
  const child = spawn(process.execPath, [ECHO], { stdio: ["pipe", "pipe", "ignore"] });
  const direct = lineClient(child);
  const daemon = await daemonClient(place, "echo");
  await direct("initialize", initializeParams(undefined));
  const call = { name: "echo", arguments: { message: "hello", text: "hello" } };
  const times = await interleaved(3_000, {
    direct: () => timed(() => direct("tools/call", call)),
    daemon: () => timed(() => daemon.request("tools/call", call)),
  });
  row("call on direct stdio, p50", times.direct);
  row("call through the daemon, p50", times.daemon);
  ratio("through the daemon over direct", times.daemon.median / times.direct.median, 1.6);
  child.kill();
  daemon.socket.destroy();
}

async function idle(place: BenchDirectory): Promise<void> {
  const pid = pidOf(place);
  const before = cpuMs(pid);
  await delay(20_000);
  const used = cpuMs(pid) - before;
  console.log(
    `  idle daemon: ${(rssKb(pid) / 1024).toFixed(1)} MB (budget 50), ${((used / 20_000) * 100).toFixed(2)} % CPU over 20 s`,
  );
  if (rssKb(pid) > 50 * 1024) process.exitCode = 1;
}

async function connections(place: BenchDirectory): Promise<void> {
  const pid = pidOf(place);
  const before = rssKb(pid);
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => daemonClient(place, undefined)));
  // Two heartbeats, which give the garbage collector time.
  await delay(4_000);
  const each = (rssKb(pid) - before) / CONNECTIONS;
  console.log(`  ${CONNECTIONS} connections: ${each.toFixed(1)} KiB each (budget 20)`);
  if (each > 20) process.exitCode = 1;
  for (const { socket } of clients) socket.destroy();
}

function initializeParams(server: string | undefined): object {
  const lockstep = { role: "library", pid: process.pid, ...(server !== undefined && { server }) };
  return {
    protocolVersion: "2025-06-18",
    capabilities: { experimental: { lockstep } },
    clientInfo: { name: "bench", version: "1" },
  };
}

type Request = (method: string, params: object) => Promise<unknown>;

async function daemonClient(
  place: BenchDirectory,
  server: string | undefined,
): Promise<{ request: Request; socket: Socket }> {
  const socket = createConnection({ path: join(place.dir, "serve.sock") });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const request = requester(socket, (frame) => socket.write(frame));
  await request("initialize", initializeParams(server));
  return { request, socket };
}

function lineClient(child: ChildProcess): Request {
  if (!child.stdout || !child.stdin) throw new Error("the server has no pipes");
  const { stdin } = child;
  return requester(child.stdout, (frame) => stdin.write(frame));
}

/** The same client code for both, so that only the connection differs. */
function requester(input: NodeJS.ReadableStream, write: (frame: string) => void): Request {
  const open = new Map<number, (answer: unknown) => void>();
  let last = 0;
  createInterface({ input }).on("line", (line) => {
    const { id } = JSON.parse(line) as { id?: number };
    if (id !== undefined) open.get(id)?.(line);
  });
  return (method, params) =>
    new Promise((done) => {
      open.set(++last, done);
      write(`${JSON.stringify({ jsonrpc: "2.0", id: last, method, params })}\n`);
    });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function pidOf(place: BenchDirectory): number {
  return Number(readFileSync(join(place.dir, "serve.pid"), "utf8"));
}

function rssKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** User and system time, ms: /proc counts in ticks of 10 ms. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
