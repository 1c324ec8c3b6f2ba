import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import type { StatusReport } from "../../../src/client/connect/status-report.js";
import { onSlowest } from "../../fixtures/bounds.js";
import { it } from "../../fixtures/it/with-box.js";
import { signal, until } from "../../fixtures/sandbox.js";

const CLI = `"${process.execPath}" "${resolve("dist/cli.js")}"`;

/** What a child says on stdout so far. */
function listen(child: ChildProcess): { text: string; ended: Promise<number | null> } {
  const heard = { text: "", ended: new Promise<number | null>((done) => child.once("close", done)) };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (heard.text += text));
  return heard;
}

describe("status", () => {
  it("status without a daemon exits with 1 and starts none", async ({ box }) => {
    const result = await box.run(["status"]);
    expect(result).toMatchObject({ code: 1, stderr: "" });
    expect(result.stdout).toMatch(/^● stopped$/m);
    expect(box.daemons()).toEqual([]);
  });

  it("status of a running daemon exits with 0, with every field that programs may read", async ({ box }) => {
    await box.run(["start"]);
    const { code, stdout } = await box.run(["status", "--json"]);
    const report = JSON.parse(stdout) as StatusReport;
    expect(code).toBe(0);
    expect(report).toMatchObject({
      state: "running",
      inStep: true,
      pid: box.pid(),
      version: box.version(),
      dir: box.dir,
    });
    expect(Object.keys(report)).toEqual([
      "state", "inStep", "pid", "version", "installed", "protocol", "buildId", "installRoot", "codeOnDisk",
      "execPath", "launchedBy", "startedAt", "uptimeMs", "heartbeat", "clients", "inFlight", "rssBytes", "servers", "restarts", "dir",
      "socket", "log",
    ]); // prettier-ignore
  });

  it("status of a daemon that does not answer exits with 4", async ({ box }) => {
    await box.run(["start"]);
    signal(box.pid(), "SIGSTOP");
    const result = await box.run(["status"]);
    expect(result.code).toBe(4);
    expect(result.stdout).toMatch(/^● unresponsive {2}PID \d+/m);
    expect(result.ms).toBeLessThan(onSlowest(8_000));
  });

  it("status of a daemon out of step says which side is older, and does not touch it", async ({ box }) => {
    const pid = await box.startStale("0.0.1");
    const result = await box.run(["status"]);
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("0.0.1  (the daemon is older)");
    const versions = await box.run(["status", "--version"]);
    expect(versions.stdout).toBe(`daemon     0.0.1 (out of step: the daemon is older)\ninstalled  ${box.version()}\n`);
    expect(JSON.parse((await box.run(["status", "--version", "--json"])).stdout)).toEqual({
      daemon: "0.0.1",
      installed: box.version(),
      inStep: false,
    });
    expect(box.pid()).toBe(pid);
  });
});

describe("status --watch", () => {
  it("status --watch writes a line into a pipe for each change, through a restart and a stop", async ({ box }) => {
    const child = box.spawn(["status", "--watch", "--json"]);
    const heard = listen(child);
    const states = () =>
      heard.text
        .trim()
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as StatusReport);
    await until("it saw nothing running", () => states().at(-1)?.state === "stopped");
    await box.run(["start"]);
    await until("it saw the start", () => states().at(-1)?.pid === box.pid());
    const first = box.pid();
    await box.run(["restart"]);
    await until("it saw the restart", () => states().at(-1)?.state === "running" && states().at(-1)?.pid === box.pid());
    expect(box.pid()).not.toBe(first);
    await box.run(["stop"]);
    await until("it saw the stop", () => states().at(-1)?.state === "stopped");
    expect(box.daemons()).toEqual([]);
    child.kill("SIGTERM");
    expect(await heard.ended).toBe(0);
  });

  it("status --watch survives the replacement of its installation", async ({ box }) => {
    const root = box.installation("upgraded");
    const child = box.spawn(["status", "--watch"], { from: root });
    const heard = listen(child);
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
    await until("it looked", () => heard.text.includes("stopped"));
    writeFileSync(join(root, "build-info.json"), "{");
    await until("it said so", () => errors.includes("is being replaced right now"));
    cpSync("dist/build-info.json", join(root, "build-info.json"));
    await until("it went on", () => heard.text.match(/stopped/g)?.length === 2);
    child.kill("SIGINT");
    expect(await heard.ended).toBe(0);
  });

  it("status --watch draws a screen on a terminal, and q restores it", async ({ box }) => {
    await box.run(["start"]);
    const child = box.track(
      spawn("script", ["-qec", `${CLI} status --watch`, "/dev/null"], {
        env: { ...process.env, LOCKSTEP_DIR: box.dir, TERM: "xterm" },
        stdio: ["pipe", "pipe", "pipe"],
      }),
    );
    const heard = listen(child);
    await until("it was drawn", () => heard.text.includes("q or ctrl-c ends this view"));
    expect(heard.text).toContain("\u001b[?1049h");
    expect(heard.text).toMatch(/daemon: ready \(pid \d+/);
    await until("the heartbeat ticks", () => new Set(heard.text.match(/\d\.\d s ago/g)).size > 1);
    child.stdin?.write("q");
    expect(await heard.ended).toBe(0);
    expect(heard.text).toMatch(/\u001b\[\?25h\u001b\[\?1049l\s*$/);
  });
});
