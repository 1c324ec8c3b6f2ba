import { createConnection } from "node:net";

import { ensureDaemon } from "../../src/client/ensure.js";
import { FRESH } from "../../src/client/ensure-options.js";
import { lockstepSpec } from "../../src/client/spec/lockstep-spec.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import { interleaved, ratio, row, timedRun } from "./measure.js";
import { BenchDirectory, CLI, DIST } from "./state-dir.js";

/** The warm call, the handshake and a restart on drift, each over what it is measured against in the same run. */
export async function benchCall(): Promise<void> {
  const place = new BenchDirectory();
  try {
    await warmCall(place);
    await handshake(place);
    await restart(place);
  } finally {
    place.remove();
  }
}

async function warmCall(place: BenchDirectory): Promise<void> {
  place.cli("call", "memory", "read_graph");
  const times = await interleaved(60, {
    node: () => timedRun(process.execPath, ["-e", "0"], place.env),
    call: () => timedRun(process.execPath, [CLI, "call", "memory", "read_graph"], place.env),
  });
  console.log("whole processes");
  row("node -e 0", times.node);
  row("lockstep call memory read_graph, warm", times.call);
  ratio("warm call over node -e 0", times.call.median / times.node.median, 1.3);
}

async function handshake(place: BenchDirectory): Promise<void> {
  const spec = lockstepSpec({ codeDir: DIST, execPath: process.execPath, env: place.env, electron: false });
  const times = await interleaved(500, {
    ping: () => timed(() => connectAndPing(spec)),
    handshake: () => timed(() => connectAndHandshake(spec)),
  });
  console.log("in one process");
  row("connect + one round trip", times.ping);
  row("connect + handshake + decision", times.handshake);
  ratio("handshake over one round trip", times.handshake.median / times.ping.median, 2);
}

async function restart(place: BenchDirectory): Promise<void> {
  const start = (): number => timedRun(process.execPath, [CLI, "start", "--quiet"], place.env);
  const times = await interleaved(15, {
    warm: start,
    drifted: async () => {
      await place.startStale();
      return start();
    },
  });
  console.log("whole processes, no hosted server running");
  row("lockstep start, daemon in step", times.warm);
  row("lockstep start, daemon stale: restart", times.drifted);
  ratio("restart on drift over warm", times.drifted.median / times.warm.median, 2.5);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function connectAndPing(spec: DaemonSpec): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: spec.paths.socket });
    socket.once("error", reject);
    socket.once("data", () => {
      socket.destroy();
      resolve();
    });
    socket.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  });
}

async function connectAndHandshake(spec: DaemonSpec): Promise<void> {
  const { peer } = await ensureDaemon(spec, {
    ...FRESH,
    client: { clientInfo: { name: "bench", version: "1" }, hello: { role: "cli", pid: process.pid } },
    report: ({ kind }) => {
      throw new Error(`the daemon was not in step: ${kind}`);
    },
  });
  peer.close();
}
