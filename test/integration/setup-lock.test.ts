import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { withSetupLock } from "../../build/setup/setup-lock.mjs";
import { it as base } from "../fixtures/it/with-directory.js";

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
  const killed = node(
    tree,
    `
    import { withSetupLock } from ${JSON.stringify(LOCK_MODULE)};
    await withSetupLock(${JSON.stringify(tree)}, async () => {
      console.log("mine");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`,
  );
  await once(killed.stdout!, "data");
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(existsSync(join(tree, ".cache/setup.lock"))).toBe(true);

  let worked = false;
  await withSetupLock(tree, async () => {
    worked = true;
  });
  expect(worked).toBe(true);
  expect(readdirSync(join(tree, ".cache"))).toEqual([]);
});

it("work that fails releases the lock", async ({ tree }) => {
  const failing = withSetupLock(tree, async () => {
    throw new Error("no network");
  });
  await expect(failing).rejects.toThrow("no network");
  expect(readdirSync(join(tree, ".cache"))).toEqual([]);
});

function node(tree: string, program: string): ChildProcess {
  const file = join(tree, `${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, program);
  return spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
}
