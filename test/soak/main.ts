// `npm run soak:restarts [-- RESTARTS]`: restarts the daemon under eight commands and four programs that call without
// pause, and prints how many calls were lost, run twice or left in doubt. Exits with 1 if there is one.
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";

import { Sandbox } from "../fixtures/sandbox.js";
import { counter } from "../fixtures/servers/counting-server.js";
import { soakRestarts, type SoakFigures } from "./restarts.js";

const RESTARTS = 500;
const SHOWN = 10;

const restarts = Number(process.argv[2] ?? RESTARTS);
if (!Number.isInteger(restarts) || restarts < 1) {
  console.error("usage: npm run soak:restarts [-- RESTARTS]");
  process.exit(2);
}
console.log(`Node ${process.version}, ${availableParallelism()} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}`);
const box = new Sandbox();
const began = performance.now();
try {
  const counted = join(box.root, "counted");
  box.writeServers({ counter: counter({ COUNTER_FILE: counted }) });
  const figures = await soakRestarts(box, counted, {
    restarts,
    commands: 8,
    clients: 4,
    busyClients: 2,
    pauseMs: 600,
    onRestart: (done) => {
      if (done % 50 === 0) console.log(`${done} restarts, ${minutes()} min`);
    },
  });
  print(figures);
  process.exitCode = isClean(figures) ? 0 : 1;
} finally {
  await box.close();
}

function print({ calls, restartMs, ...wrong }: SoakFigures): void {
  const sorted = restartMs.toSorted((a, b) => a - b);
  const ms = (share: number): string => `${Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0)} ms`;
  console.log(`${restartMs.length} restarts in ${minutes()} min; each took ${ms(0.5)} (median), ${ms(1)} at most`);
  console.log(`${calls.commands} calls by commands, ${calls.clients} by programs`);
  for (const [what, which] of Object.entries(wrong)) {
    console.log(`${what}: ${which.length}`);
    for (const one of which.slice(0, SHOWN)) console.log(`  ${one}`);
  }
}

function isClean({ lost, unknown, doubled, invented, failedRestarts, failedReads }: SoakFigures): boolean {
  return [lost, unknown, doubled, invented, failedRestarts, failedReads].every(({ length }) => length === 0);
}

function minutes(): string {
  return ((performance.now() - began) / 60_000).toFixed(1);
}
