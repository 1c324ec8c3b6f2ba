import { spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { it } from "../../fixtures/it/with-box.js";
import { until } from "../../fixtures/sandbox.js";

const ROOT = process.getuid?.() === 0;
const STRANGER = 54_321;
const COUNTER = { command: process.execPath, args: [resolve("test/fixtures/servers/counter.mjs")] };

describe("the environment of hosted servers", () => {
  it("has nothing of the terminal that started the daemon, even if the login shell fails", async ({ box }) => {
    const terminal = {
      NODE_OPTIONS: "--no-warnings",
      PWD: "/tmp/project",
      OLDPWD: "/tmp/other",
      AWS_PROFILE: "production",
      VIRTUAL_ENV: "/tmp/project/.venv",
      GIT_AUTHOR_NAME: "another",
      npm_config_registry: "http://registry.example",
    };
    box.writeServers({ counter: COUNTER });
    for (const SHELL of ["/bin/sh", "/no/such/shell"]) {
      for (const name of Object.keys(terminal)) {
        const call = await box.run(["call", "counter", "env", `name=${name}`], { env: { ...terminal, SHELL } });
        expect(call.stdout.trim(), `${name} with ${SHELL}`).toBe("(unset)");
      }
      await box.run(["stop"]);
    }
  });

  it("has what the login shell exports as soon as it does, without a restart", async ({ box }) => {
    const home = join(box.root, "home");
    mkdirSync(home);
    const shell = join(box.root, "shell");
    writeFileSync(shell, `#!/bin/sh\n[ -e "${home}/well" ] || exec sleep 300\nexec /bin/sh "$@"\n`);
    chmodSync(shell, 0o755);
    writeFileSync(join(home, ".profile"), "export LOGIN_VALUE=from-the-login\n");
    box.writeServers({ counter: { ...COUNTER, env: { EXPANDED: "${LOGIN_VALUE}" } }, plain: COUNTER });
    const env = { HOME: home, SHELL: shell };
    const refused = await box.run(["call", "counter", "env", "name=EXPANDED"], { env });
    expect(refused.stderr).toContain("LOGIN_VALUE is not set in your login environment");
    writeFileSync(join(home, "well"), "");
    expect((await box.run(["call", "counter", "env", "name=EXPANDED"])).stdout.trim()).toBe("from-the-login");
    expect((await box.run(["call", "plain", "env", "name=LOGIN_VALUE"])).stdout.trim()).toBe("from-the-login");
    expect(box.logLines("login environment could not be read")).not.toEqual([]);

    writeFileSync(join(home, ".profile"), "export LOGIN_VALUE=changed\n");
    await box.run(["add", "another", "--", "true"]);
    await until("the entry is read again", async () => {
      const { stdout } = await box.run(["call", "counter", "env", "name=EXPANDED"]);
      return stdout.trim() === "changed";
    });
  });

  it("lets servers start when the home directory does not exist", async ({ box }) => {
    box.writeServers({ counter: COUNTER });
    const env = { HOME: join(box.root, "gone"), SHELL: "/bin/sh" };
    const call = await box.run(["call", "counter", "cwd"], { env });
    expect(call).toMatchObject({ code: 0, stdout: `${box.dir}\n` });
  });
});

describe.skipIf(!ROOT)("a user with an unusual home", () => {
  it("is not locked out by root, which keeps HOME in sudo", async ({ box }) => {
    const home = join(box.root, "home");
    mkdirSync(home);
    chownSync(home, STRANGER, STRANGER);
    for (const words of [["start"], ["call", "memory", "read_graph"], ["add", "x", "--", "true"], ["status"]]) {
      const { code, stderr } = await box.run(words, { env: { HOME: home, LOCKSTEP_DIR: "" } });
      expect(code, words[0]).toBe(1);
      if (words[0] !== "status") expect(stderr).toMatch(new RegExp(`home directory of user ${STRANGER}.*without sudo`));
    }
    expect(readdirSync(home)).toEqual([]);

    const own = join(home, ".lockstep");
    mkdirSync(own, { mode: 0o700 });
    chownSync(own, STRANGER, STRANGER);
    const { stderr } = await box.run(["start"], { env: { HOME: home, LOCKSTEP_DIR: "" } });
    expect(stderr).toMatch(/belongs to user 54321.*without sudo/);
    expect(stderr).not.toContain("chown");
  });

  it("needs nothing but LOCKSTEP_DIR when there is neither HOME nor an entry in the user database", async ({
    onTestFinished,
  }) => {
    // Not in the temporary directory of the run, which only root can enter.
    const dir = mkdtempSync("/tmp/lss-");
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    writeFileSync(join(dir, "servers.json"), JSON.stringify({ mcpServers: { counter: COUNTER } }));
    for (const path of [dir, join(dir, "servers.json")]) chownSync(path, STRANGER, STRANGER);
    const call = await runAsStranger(["call", "counter", "cwd"], { LOCKSTEP_DIR: dir });
    expect(call).toEqual({ code: 0, stdout: `${dir}\n`, stderr: "" });
    const without = await runAsStranger(["call", "counter", "cwd"], {});
    expect(without.code).toBe(1);
    expect(without.stderr).toMatch(/there is no home directory: set HOME, or LOCKSTEP_DIR to an absolute path/);
    expect(await runAsStranger(["stop"], { LOCKSTEP_DIR: dir })).toMatchObject({ code: 0 });
    expect(existsSync(join(dir, "serve.pid"))).toBe(false);
  });
});

async function runAsStranger(words: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [resolve("dist/cli.js"), ...words], {
    env: { PATH: process.env["PATH"], ...env },
    uid: STRANGER,
    gid: STRANGER,
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text: Buffer) => (output.stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output.stderr += text.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, ...output };
}
