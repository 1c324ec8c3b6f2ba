import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";

import { canMount, mountDisk } from "../fixtures/disk.js";
import { it } from "../fixtures/it/with-directory.js";
import { isAlive, until } from "../fixtures/sandbox.js";
import { outsideOf } from "../guard-run.mjs";
import { MARK } from "../marked-processes.mjs";

const GUARD_RUN = pathToFileURL(resolve("test/guard-run.mjs")).href;

it("a test run that is killed leaves no process, no mounted disk and no file behind", async ({ directory }) => {
  const run = join(directory, "run");
  const outside = `${outsideOf(run)}${process.pid}`;
  const disk = join(run, "disk");
  mkdirSync(disk, { recursive: true });
  mkdirSync(outside);
  if (canMount) await mountDisk(disk, 1);
  writeFileSync(join(disk, "file"), "");

  const runner = spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `import { spawn } from "node:child_process";
       import { guardRun } from ${JSON.stringify(GUARD_RUN)};
       guardRun(${JSON.stringify(run)});
       const env = { ...process.env, ${MARK}: ${JSON.stringify(run)} };
       console.log(spawn("sleep", ["600"], { env, detached: true, stdio: "ignore" }).pid);
       setInterval(() => undefined, 1_000);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const left = Number(String((await once(runner.stdout, "data"))[0]));
  expect(isAlive(left)).toBe(true);
  runner.kill("SIGKILL");
  await until("the process that was left has ended", () => !isAlive(left));
  await until("the run's directories are gone", () => !existsSync(run) && !existsSync(outside));
});
