import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { it as withCounter } from "../../fixtures/it/with-counter.js";
import { canPreload, movableClock } from "../../fixtures/preloaded.js";
import { until } from "../../fixtures/sandbox.js";
import { executions } from "../../fixtures/servers/counting-server.js";

const DAY = 24 * 60 * 60;

interface Status {
  state: string;
  pid: number;
  uptimeMs: number;
  heartbeat: { seq: number; ageMs: number };
}

/** A daemon, and commands, whose wall clock the test can set. */
const it = withCounter.extend("clock", ({ box }) => movableClock(box.root));

describe.skipIf(!canPreload)("the wall clock", () => {
  it.for([
    ["back", -DAY],
    ["forward", DAY],
  ] as const)(
    "a daemon goes on, and is stopped in order, when the clock is set %s by a day",
    async ([, seconds], { box, clock, counted }) => {
      const env = { ...process.env, ...clock.env };
      const args = [resolve("dist/daemon.js"), "serve", "--dir", box.dir];
      const daemon = box.track(spawn(process.execPath, args, { stdio: "ignore", env }));
      await until("the daemon listens", () => existsSync(join(box.dir, "serve.pid")));
      const pid = box.pid();
      const call = box.run(["call", "counter", "slow", "ms=2500"], { env: clock.env });
      await until("the call runs", () => executions(counted, "slow").length > 0);

      clock.set(seconds);
      const status = async (): Promise<Status> =>
        JSON.parse((await box.run(["status", "--json"], { env: clock.env })).stdout) as Status;
      const { seq } = (await status()).heartbeat;
      const after = await until("the heart beats", async () => {
        const now = await status();
        return now.heartbeat.seq > seq && now;
      });
      expect(after).toMatchObject({ state: "running", pid });
      expect(after.heartbeat.ageMs).toBeLessThan(30_000);
      expect(after.uptimeMs).toBeLessThan(120_000);
      expect(await call).toMatchObject({ code: 0, stdout: expect.stringContaining("slept 2500 ms") as string });
      expect(await box.run(["call", "counter", "echo"], { env: clock.env })).toMatchObject({ code: 0, stderr: "" });
      expect(box.pid()).toBe(pid);
      expect(box.logLines("stood still")).toEqual([]);

      const exit = once(daemon, "exit");
      expect(await box.run(["stop"], { env: clock.env })).toMatchObject({ code: 0 });
      expect(await exit).toEqual([0, null]);
      expect(box.logLines("cut off")).toEqual([]);
      const [stopped = ""] = box.logLines("daemon: stopped");
      const isOff = Date.parse(stopped.split(" ")[0] ?? "") - Date.now() - seconds * 1_000;
      expect(Math.abs(isOff)).toBeLessThan(300_000); // The clock of the daemon was set indeed.
      // The next start has the clock that another program's files are ahead of, or behind.
      expect(await box.run(["start"], { env: clock.env })).toMatchObject({ code: 0 });
    },
  );
});
