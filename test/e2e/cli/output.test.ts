import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { it as base } from "../../fixtures/it/with-box.js";

const CLI = `"${process.execPath}" "${resolve("dist/cli.js")}"`;
const it = base.extend("onTerminal", ({ box }) => {
  return (command: string, env: NodeJS.ProcessEnv = {}) =>
    spawnSync("script", ["-qec", command, "/dev/null"], {
      encoding: "utf8",
      env: { ...process.env, LOCKSTEP_DIR: box.dir, TERM: "xterm", ...env },
    }).stdout;
});

describe("colours", () => {
  it("colours are for terminals only", async ({ box, onTerminal }) => {
    expect(onTerminal(`${CLI} status`)).toContain("\u001b[");
    expect((await box.run(["status"])).stdout).not.toContain("\u001b[");
  });

  it("NO_COLOR and dumb terminals get no colours", ({ onTerminal }) => {
    expect(onTerminal(`${CLI} status`, { NO_COLOR: "1" })).not.toContain("\u001b[");
    expect(onTerminal(`${CLI} status`, { TERM: "dumb" })).not.toContain("\u001b[");
  });
});

describe("help", () => {
  it("help is printed on stdout, with exit 0", async ({ box }) => {
    const help = await box.run(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("usage: lockstep COMMAND");
    expect((await box.run([])).stdout).toBe(help.stdout);
    expect((await box.run(["help"])).stdout).toBe(help.stdout);
    const call = await box.run(["call", "--help"]);
    expect(call.stdout).toContain("usage: lockstep call SERVER TOOL");
    expect((await box.run(["help", "call"])).stdout).toBe(call.stdout);
  });
});

describe("the version", () => {
  it("--version shows the installation's version, whatever the state directory", async ({ box }) => {
    const env = { LOCKSTEP_DIR: "relative" };
    expect((await box.run(["--version"], { env })).stdout).toMatch(
      new RegExp(`^lockstep ${box.version().replaceAll(".", "\\.")} \\(build [0-9a-f]+, protocol 1\\)\n$`),
    );
    expect(JSON.parse((await box.run(["version", "--json"])).stdout)).toMatchObject({ version: box.version() });
  });
});

describe("an error", () => {
  it("an error is one line that says what to do, without a stack", async ({ box }) => {
    const result = await box.run(["status"], { env: { LOCKSTEP_DIR: "relative" } });
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toBe('lockstep: $LOCKSTEP_DIR is "relative": give an absolute path\n');
  });

  it("an error includes its stack with LOCKSTEP_TRACE", async ({ box }) => {
    const env = { LOCKSTEP_DIR: "relative", LOCKSTEP_TRACE: "1" };
    expect((await box.run(["status"], { env })).stderr).toMatch(/^\s+at /m);
  });

  it("the error about a broken installation names the file", async ({ box }) => {
    const root = box.installation("broken");
    writeFileSync(join(root, "build-info.json"), "{");
    const result = await box.run(["call", "memory", "read_graph"], { from: root });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^lockstep: cannot read .*build-info\.json: the installation is broken/);
  });
});

describe("a full disk under the output", () => {
  it.skipIf(process.platform !== "linux")("a full disk under the output is reported as an error", () => {
    const { status, stderr } = spawnSync("bash", ["-c", `${CLI} --help > /dev/full`], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toBe("lockstep: cannot write the output: the disk is full\n");
  });
});
