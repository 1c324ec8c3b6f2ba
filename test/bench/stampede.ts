import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { interleaved, ratio, row } from "./measure.js";
import { BenchDirectory, CLI } from "./state-dir.js";

const CLIENTS = 200;

/** 200 clients at once on a stale daemon, over the same on one in step. */
export async function benchStampede(): Promise<void> {
  const place = new BenchDirectory();
  try {
    place.cli("start", "--quiet");
    const times = await interleaved(3, {
      node: () => stampede(["-e", "0"], place.env),
      fresh: () => stampede([CLI, "start", "--quiet"], place.env),
      stale: async () => {
        await place.startStale();
        const ms = await stampede([CLI, "start", "--quiet"], place.env);
        const restarts = readFileSync(join(place.dir, "restart.lock"), "utf8").split("\n").length - 1;
        if (restarts !== 1) throw new Error(`${restarts} restarts instead of one`);
        return ms;
      },
    });
    row(`${CLIENTS} × node -e 0`, times.node);
    row(`${CLIENTS} × lockstep start, daemon in step`, times.fresh);
    row(`${CLIENTS} × lockstep start, daemon stale`, times.stale);
    ratio("stale over in step, one restart, none failed", times.stale.median / times.fresh.median, 1.3);
  } finally {
    place.remove();
  }
}

async function stampede(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const codes = await Promise.all(Array.from({ length: CLIENTS }, () => exitCode(args, env)));
  const failed = codes.filter((code) => code !== 0);
  if (failed.length > 0) throw new Error(`${failed.length} of ${CLIENTS} failed, with exit codes ${failed.join(", ")}`);
  return performance.now() - started;
}

function exitCode(args: string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] });
    child.once("error", reject).once("exit", resolve);
  });
}
