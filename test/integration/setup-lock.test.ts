import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { withSetupLock } from "../../build/setup/setup-lock.mjs";
import { it as base } from "../fixtures/it/with-directory.js";
import { until } from "../fixtures/sandbox.js";

const LOCK_MODULE = pathToFileURL(join(import.meta.dirname, "../../build/setup/setup-lock.mjs")).href;

const it = base.extend("tree", ({ directory }) => {
  mkdirSync(join(directory, ".cache"));
  return directory;
});

it("set-ups that start together run one after the other", async ({ tree }) => {
  const journal = join(tree, "journal");
  // Each notes when it begins and ends; work that overlapped would show as two beginnings in a row.
  const work = `
    import { appendFileSync } from "node:fs";
    import { stat } from "node:fs/promises";
    import { withSetupLock } from ${JSON.stringify(LOCK_MODULE)};
    await withSetupLock(${JSON.stringify(tree)}, async () => {
      appendFileSync(${JSON.stringify(journal)}, "begin\\n");
      for (let i = 0; i < 20; i++) await stat(".");
      appendFileSync(${JSON.stringify(journal)}, "end\\n");
    });`;
  const setups = Array.from({ length: 4 }, () => node(tree, work));
  const codes = await Promise.all(setups.map(async (child) => (await once(child, "exit"))[0] as number));
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(readFileSync(journal, "utf8")).toBe("begin\nend\n".repeat(4));
  expect(readdirSync(join(tree, ".cache"))).toEqual([]);
});

it("the lock of a set-up that was killed is taken over", async ({ tree }) => {
  await lockOfKilled(tree);
  await expectTakenOver(tree);
});

it("the lock of a process that ended is taken over although its PID runs again", async ({ tree }) => {
  const lock = await lockOfKilled(tree);
  const record = JSON.parse(readFileSync(join(lock, "holder"), "utf8")) as object;
  // As in a container, where each set-up gets the PID of the one before.
  writeFileSync(join(lock, "holder"), JSON.stringify({ ...record, pid: process.pid }));
  await expectTakenOver(tree);
});

it("a set-up in another container is waited for while it gives signs of life", async ({ tree }) => {
  const lock = join(tree, ".cache/setup.lock");
  const started = node(tree, holding(tree));
  await once(started.stdout!, "data");
  const record = JSON.parse(readFileSync(join(lock, "holder"), "utf8")) as object;
  writeFileSync(join(lock, "holder"), JSON.stringify({ ...record, pid: 0, place: "another container" }));
  const beatBefore = statSync(join(lock, "holder")).mtimeMs;
  let worked = false;
  const waiting = withSetupLock(tree, async () => {
    worked = true;
  });
  await until("the other set-up gives another sign of life", () => statSync(join(lock, "holder")).mtimeMs > beatBefore);
  expect(worked).toBe(false);
  started.stdin!.end();
  await waiting;
  expect(worked).toBe(true);
});

// At the same time, since each waits until the lock has given no sign of life for long enough.
it.concurrent(
  "a lock that another container left behind is taken over once it gives no sign of life",
  async ({ tree }) => {
    const lock = await lockOfKilled(tree);
    const record = JSON.parse(readFileSync(join(lock, "holder"), "utf8")) as object;
    // Alive as far as its PID says, and that says nothing in another container.
    writeFileSync(join(lock, "holder"), JSON.stringify({ ...record, pid: process.pid, place: "another container" }));
    await expectTakenOver(tree);
  },
);

it.concurrent(
  "a lock directory without a readable record is taken over once it is clear that it stays so",
  async ({ tree }) => {
    mkdirSync(join(tree, ".cache/setup.lock"));
    writeFileSync(join(tree, ".cache/setup.lock/pid"), `${process.pid}\n`);
    await expectTakenOver(tree);
  },
);

it("work that fails releases the lock", async ({ tree }) => {
  const failing = withSetupLock(tree, async () => {
    throw new Error("no network");
  });
  await expect(failing).rejects.toThrow("no network");
  expect(readdirSync(join(tree, ".cache"))).toEqual([]);
});

/** The lock that a killed set-up leaves behind. */
async function lockOfKilled(tree: string): Promise<string> {
  const killed = node(tree, holding(tree));
  await once(killed.stdout!, "data");
  killed.kill("SIGKILL");
  await once(killed, "exit");
  const lock = join(tree, ".cache/setup.lock");
  expect(existsSync(lock)).toBe(true);
  return lock;
}

async function expectTakenOver(tree: string): Promise<void> {
  let worked = false;
  await withSetupLock(tree, async () => {
    worked = true;
  });
  expect(worked).toBe(true);
  expect(readdirSync(join(tree, ".cache"))).toEqual([]);
}

/** A program that holds the lock until its input ends. */
function holding(tree: string): string {
  return `
    import { once } from "node:events";
    import { withSetupLock } from ${JSON.stringify(LOCK_MODULE)};
    await withSetupLock(${JSON.stringify(tree)}, async () => {
      console.log("mine");
      await once(process.stdin.resume(), "end");
    });`;
}

function node(tree: string, program: string): ChildProcess {
  const file = join(tree, `${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, program);
  return spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"] });
}
