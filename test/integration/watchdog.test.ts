import { build } from "esbuild";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";

import { electronProgram } from "../../build/electron/electron-dist.mjs";
import { it as base } from "../fixtures/it/with-shared-directory.js";
import { signal } from "../fixtures/sandbox.js";

/** Programs that arm the real watchdog, in processes of their own, since it ends its process. */
const it = base
  .extend("watchdog", { scope: "file" }, async ({ directory }) => {
    const outfile = join(directory, "watchdog.cjs");
    const entryPoints = [resolve("src/daemon/watchdog.ts")];
    await build({ entryPoints, outfile, bundle: true, platform: "node", format: "cjs", logLevel: "silent" });
    return outfile;
  })
  .extend("start", ({ directory, watchdog }, { onCleanup }) => {
    const started: ChildProcess[] = [];
    onCleanup(() => started.forEach((child) => child.kill("SIGKILL")));
    return (program: string, body: string) => {
      const file = join(directory, `program-${started.length}.cjs`);
      const log = join(directory, "serve.log");
      writeFileSync(
        file,
        `const { armWatchdog } = require(${JSON.stringify(watchdog)});
         const log = ${JSON.stringify(log)};
         const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
         const failed = (why) => console.log("no watchdog: " + why);
         (async () => { ${body} })().then(() => process.exit(0));`,
      );
      const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
      const child = spawn(program, [file], { env, stdio: ["ignore", "pipe", "pipe"] });
      started.push(child);
      const end = Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]).then(
        ([[code, by], stdout, stderr]) => ({
          code: code as number | null,
          signal: by as string | null,
          stdout,
          stderr,
        }),
      );
      return { child, end, log };
    };
  });

const QUIET_END = { code: 0, signal: null, stdout: "", stderr: "" };

it("a daemon that runs in Electron ends without an error, however short its shutdown was", async ({ start }) => {
  const electron = electronProgram();
  const measured = await start(
    electron,
    `const began = performance.now();
     const { Worker } = require("node:worker_threads");
     const worker = new Worker("", { eval: true });
     await new Promise((done) => worker.once("exit", done));
     console.log(performance.now() - began);`,
  ).end;
  const threadMs = Number(measured.stdout);
  expect(threadMs).toBeGreaterThan(0);
  // An exit in the last third of a thread's start is the one that Electron reports.
  for (const part of [0, 0.3, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.1]) {
    const { end } = start(
      electron,
      `const watchdog = await armWatchdog(60_000, log, failed);
       await sleep(${part * threadMs});
       await watchdog.disarm();`,
    );
    expect({ part, ...(await end) }).toEqual({ part, ...QUIET_END });
  }
});

it("a shutdown whose event loop hangs is ended by the watchdog, which logs it", async ({ start }) => {
  const { end, log } = start(process.execPath, `await armWatchdog(300, log, failed); for (;;);`);
  expect(await end).toMatchObject({ code: null, signal: "SIGKILL" });
  expect(readFileSync(log, "utf8")).toMatch(/^\S+ error daemon: the shutdown did not end within 300 ms; killing/);
});

it("the time in which a daemon is stopped does not count for its watchdog", async ({ start }) => {
  const { child, end } = start(
    process.execPath,
    `const watchdog = await armWatchdog(2_000, log, failed);
     await sleep(300); // Its thread counts by now.
     console.error("armed");
     await sleep(300);
     await watchdog.disarm();`,
  );
  await once(child.stderr, "data");
  signal(child.pid!, "SIGSTOP");
  await delay(2_300);
  signal(child.pid!, "SIGCONT");
  expect(await end).toMatchObject({ code: 0, signal: null });
});

it.skipIf(!existsSync("/proc/self/limits"))(
  "a daemon without a free descriptor shuts down without a watchdog, and says so",
  async ({ start }) => {
    const { end } = start(
      process.execPath,
      `const { openSync } = require("node:fs");
       const { execFileSync } = require("node:child_process");
       await import("node:worker_threads");
       execFileSync("prlimit", ["--pid", String(process.pid), "--nofile=40:40"]);
       try { for (;;) openSync("/dev/null"); } catch {}
       const watchdog = await armWatchdog(60_000, log, failed);
       await sleep(200);
       await watchdog.disarm();`,
    );
    const ended = await end;
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: "" });
    expect(ended.stdout).toContain("no watchdog: ");
  },
);
