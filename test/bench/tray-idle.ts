import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

import { electronProgram } from "../../build/electron/electron-dist.mjs";
import type { Desktop } from "../fixtures/desktop/desktop.js";
import { isAlive, until } from "../fixtures/sandbox.js";
import { summarize, type Measured } from "./measure.js";
import { cpuSecondsOf, memoryOf, processTree } from "./process-tree.js";
import type { Subject } from "./tray-window.js";

const IDLE_SECONDS = 60;
/** The time is divided into this many parts, whose spread shows how steady the figure is. */
const PARTS = 6;
/** The work that follows a start or a click is finished by then. */
const SETTLED_MS = 5_000;

export interface Idle {
  shown: Cost;
  /** Measured from hiding on; the app still has its page for the first seconds. */
  hidden: Cost;
}

interface Cost {
  /** MB over the whole process tree. */
  memory: Measured;
  /** Per cent of one core. */
  cpu: Measured;
}

/** Starts an app, shows and hides its window by clicks, and measures each state. */
export async function idle(desktop: Desktop, { path, title, env }: Subject): Promise<Idle> {
  // Without Playwright, whose inspectors would be measured too.
  const app = spawn(electronProgram(), [path], {
    env: { ...desktop.env, ...env, ELECTRON_DISABLE_SANDBOX: "1" },
    stdio: "ignore",
  });
  const pid = app.pid ?? NaN;
  try {
    const icon = await desktop.iconPosition();
    await desktop.click(icon);
    await until("the window is shown", () => desktop.shows(title));
    const shown = await cost(pid);
    if (!(await desktop.shows(title))) throw new Error(`the window of ${title} did not stay to be measured`);
    await desktop.click(icon);
    await until("the window is hidden", async () => !(await desktop.shows(title)));
    return { shown, hidden: await cost(pid) };
  } finally {
    const tree = processTree(pid);
    app.kill("SIGTERM");
    await until("the app ended", () => !tree.some(isAlive));
  }
}

async function cost(pid: number): Promise<Cost> {
  await delay(SETTLED_MS);
  const memory: number[] = [];
  const cpu: number[] = [];
  for (let part = 0; part < PARTS; part++) {
    const before = cpuSecondsOf(processTree(pid));
    const began = performance.now();
    await delay((IDLE_SECONDS * 1000) / PARTS);
    const tree = processTree(pid);
    cpu.push(((cpuSecondsOf(tree) - before) / ((performance.now() - began) / 1000)) * 100);
    memory.push(memoryOf(tree));
  }
  return { memory: summarize(memory), cpu: overall(cpu) };
}

/** The mean, since the budget covers the whole time, including occasional work. */
function overall(parts: readonly number[]): Measured {
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  const middle = [...parts]
    .sort((a, b) => a - b)
    .slice(Math.floor(parts.length / 4), Math.ceil((parts.length * 3) / 4));
  const spread = Math.max(...middle) - Math.min(...middle);
  return { median: mean, noise: mean === 0 ? 0 : (spread / mean) * 100, samples: parts.length };
}
