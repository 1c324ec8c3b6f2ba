import type { ChildProcess } from "node:child_process";
import { describe, expect } from "vitest";

import { oddListener } from "../../fixtures/daemons/start-odd-listener.js";
import { it } from "../../fixtures/it/with-box.js";
import { isAlive, type Sandbox } from "../../fixtures/sandbox.js";

const READ = ["call", "memory", "read_graph"];

const listen = (box: Sandbox, mode: string, witness: boolean): Promise<number> =>
  oddListener({ dir: box.dir, track: (child) => box.track(child) }, mode, { witness });

describe("a daemon that answers initialize with an error", () => {
  it.for([READ, ["start"], ["restart"]])("%j replaces it", async (command, { box }) => {
    const pid = await listen(box, "an error as answer", true);
    const ran = await box.run(command);
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining(`PID ${pid}`) as string });
    expect(isAlive(pid)).toBe(false);
    expect(await box.run(["status"])).toMatchObject({ code: 0 });
  });

  it.for([["stop"], ["stop", "--force"], ["kill-daemon"]])("%j ends it", async (command, { box }) => {
    const pid = await listen(box, "an error as answer", true);
    expect(await box.run(command)).toMatchObject({ code: 0, stdout: `daemon stopped: PID ${pid}\n` });
    expect(isAlive(pid)).toBe(false);
  });

  it("status and doctor say what it answers, and which process it is", async ({ box }) => {
    const pid = await listen(box, "an error as answer", true);
    const status = await box.run(["status", "--json"]);
    expect(status.code).toBe(4);
    const { state, pid: shown, problem } = JSON.parse(status.stdout) as Record<string, unknown>;
    expect([state, shown]).toEqual(["unresponsive", pid]);
    expect(problem).toMatch(new RegExp(`^PID ${pid} \\(.*odd-listener.*Unsupported protocol version \\(-32602\\)$`));
    expect(await box.run(["doctor"])).toMatchObject({ code: 1, stdout: expect.stringContaining("-32602") as string });
    expect(isAlive(pid)).toBe(true);
  });

  it("it is not replaced without end when its successor refuses too", async ({ box }) => {
    await listen(box, "an internal error", true);
    for (let call = 0; call < 3; call++) {
      expect(await box.run(["start"])).toMatchObject({ code: 0 });
      const pid = box.pid();
      await box.run(["stop"]);
      expect(isAlive(pid)).toBe(false);
      await listen(box, "an internal error", true);
    }
    expect(await box.run(["start"])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("restarted the daemon for such a difference 3 times") as string,
    });
  });
});

describe("another program on the daemon's socket", () => {
  it.for(["an HTTP answer", "an end at once", "an endless answer"])(
    "one that gives %s is named at once, never signalled, and makes room when that is asked for",
    async (mode, { box }) => {
      const pid = await listen(box, mode, false);
      const named = expect.stringMatching(new RegExp(`PID ${pid} \\(.*odd-listener`)) as string;
      expect(await box.run(READ)).toMatchObject({ code: 4, stderr: named });
      expect(await box.run(["status"])).toMatchObject({ code: 4, stdout: named });
      expect(await box.run(["stop"])).toMatchObject({ code: 1, stderr: named });
      expect(await box.run(["stop", "--force"])).toMatchObject({ code: 1, stderr: named });
      const started = await box.run(["start"]);
      expect(started).toMatchObject({ code: 0, stderr: named });
      expect(await box.run(READ)).toMatchObject({ code: 0, stderr: "" });
      expect(isAlive(pid)).toBe(true);
    },
  );
});

it("a restart replaces a daemon that was started before the clock was set back", async ({ box }) => {
  const track = (child: ChildProcess): ChildProcess => box.track(child);
  const env = { ODD_VERSION: box.version() };
  const pid = await oddListener({ dir: box.dir, track }, "a start in the future", { witness: true, env });
  expect(await box.run(["restart", "--timeout", "0"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("(restarted)") as string,
  });
  expect(isAlive(pid)).toBe(false);
});
