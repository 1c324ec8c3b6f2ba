import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { electronProgram } from "../../build/electron/electron-dist.mjs";
import { Desktop } from "../fixtures/desktop/desktop.js";
import { ratio, row } from "./measure.js";
import { BenchDirectory, DIST } from "./state-dir.js";
import { idle, type Idle } from "./tray-idle.js";
import { clicks, scroll, type Subject } from "./tray-window.js";

const MEMORY_BUDGET = 1.1;
const HIDDEN_CPU_BUDGET = 0.5;
const LONG_TASK_BUDGET_MS = 50;
const LOG_LINES = 10_000;

/** The app compared with an empty one: its memory and CPU, the time until its window is painted, its scrolling. */
export async function benchTray(): Promise<void> {
  const directory = new BenchDirectory();
  const elsewhere = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    writeLog(directory.dir);
    const copy = copyApp(elsewhere);
    startDaemon(copy, directory);
    const env = { LOCKSTEP_DIR: directory.dir };
    const ours: Subject = { path: copy, title: "Lockstep", env };
    const empty: Subject = { path: writeEmptyApp(elsewhere), title: "Empty", env };

    reportIdle(await onDesktop((desktop) => idle(desktop, ours)), await onDesktop((desktop) => idle(desktop, empty)));
    for (const subject of [ours, empty]) {
      const { first, later } = await onDesktop((desktop) => clicks(desktop, subject));
      row(`${subject.title}: first click to painted window`, first);
      row(`${subject.title}: later clicks`, later);
    }
    const { longestTask, longestFrame, rows } = await onDesktop((desktop) => scroll(desktop, ours, LOG_LINES));
    row(`longest frame over ${rows} log lines, both ways`, { median: longestFrame, noise: 0, samples: 1 });
    // Chromium does not report tasks of less than 50 ms, which count as 0 here.
    ratio("longest long task meanwhile", longestTask, LONG_TASK_BUDGET_MS, "ms");
  } finally {
    directory.remove();
    rmSync(elsewhere, { recursive: true, force: true });
  }
}

function reportIdle(ours: Idle, empty: Idle): void {
  for (const when of ["shown", "hidden"] as const) {
    row(`Lockstep: memory, ${when}`, ours[when].memory, "MB");
    row(`Empty: memory, ${when}`, empty[when].memory, "MB");
    ratio(`memory over the empty app's, ${when}`, ours[when].memory.median / empty[when].memory.median, MEMORY_BUDGET);
  }
  row("Lockstep: CPU, shown", ours.shown.cpu, "%");
  row("Empty: CPU, shown", empty.shown.cpu, "%");
  row("Empty: CPU, hidden", empty.hidden.cpu, "%");
  ratio("Lockstep: CPU, hidden", ours.hidden.cpu.median, HIDDEN_CPU_BUDGET, "%");
}

/** Each measurement has its own desktop, since the icon is found as the only one in the panel. */
async function onDesktop<T>(measure: (desktop: Desktop) => Promise<T>): Promise<T> {
  const desktop = await Desktop.start();
  try {
    return await measure(desktop);
  } finally {
    await desktop.close();
  }
}

/**
 * The daemon as the app would start it, by Electron. It runs before and beside both apps and counts for neither: pages
 * of Electron's program that it shares with an app would make that app look smaller than the other.
 */
function startDaemon(app: string, { env }: BenchDirectory): void {
  const electron = { ...env, ELECTRON_RUN_AS_NODE: "1" };
  execFileSync(electronProgram(), [join(app, "dist/cli.js"), "serve", "--daemon"], { env: electron, stdio: "ignore" });
}

/** A build during the measurement would make the app replace its daemon, so a copy is measured. */
function copyApp(parent: string): string {
  const path = join(parent, "ours");
  cpSync(DIST, join(path, "dist"), { recursive: true });
  copyFileSync("package.json", join(path, "package.json"));
  symlinkSync(resolve("node_modules"), join(path, "node_modules"));
  return path;
}

function writeLog(dir: string): void {
  const began = Date.now() - LOG_LINES * 1000;
  const lines = Array.from({ length: LOG_LINES }, (_, n) => {
    const time = new Date(began + n * 1000).toISOString().replace("Z", "+00:00");
    return `${time} event daemon: ready (pid ${n + 1}, version 0.1.0)\n`;
  });
  writeFileSync(join(dir, "serve.log"), lines.join(""));
}

/** As little as `menubar` can do, with the same size of window and without the graphics card too. */
function writeEmptyApp(parent: string): string {
  const path = join(parent, "empty");
  mkdirSync(path);
  writeFileSync(join(path, "package.json"), JSON.stringify({ name: "empty", version: "0.0.0", main: "main.cjs" }));
  writeFileSync(join(path, "index.html"), "<!doctype html><title>Empty</title><body></body>");
  writeFileSync(
    join(path, "main.cjs"),
    `const { app } = require("electron");
const { menubar } = require(${JSON.stringify(resolve("node_modules/menubar"))});
app.disableHardwareAcceleration();
menubar({
  dir: __dirname,
  icon: ${JSON.stringify(resolve("dist/icons/draining-coloured.png"))},
  browserWindow: { width: 360, height: 520, resizable: false },
});
`,
  );
  return path;
}
