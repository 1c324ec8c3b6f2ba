import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { it as base } from "../../fixtures/it/with-shared-box.js";

const SERVERS = resolve("node_modules/@modelcontextprotocol");

const it = base.extend("files", { scope: "file" }, ({ box }) => join(box.root, "files"));

it.beforeAll(({ box, files }) => {
  mkdirSync(files);
  writeFileSync(join(files, "note.txt"), "grüß Gott\n");
  box.writeServers({
    everything: { command: process.execPath, args: [join(SERVERS, "server-everything/dist/index.js"), "stdio"] },
    filesystem: { command: process.execPath, args: [join(SERVERS, "server-filesystem/dist/index.js"), files] },
  });
});

describe("server-everything", () => {
  it("server-everything echoes key=value, JSON and standard input alike", async ({ box }) => {
    for (const args of [["message=hello there"], ['{"message":"hello there"}'], ["-"]]) {
      const called = await box.run(["call", "everything", "echo", ...args], { input: '{"message":"hello there"}' });
      expect([args, called.code, called.stdout]).toEqual([args, 0, "Echo: hello there\n"]);
    }
  });

  it("server-everything adds numbers given as text, and what is not a number is rejected", async ({ box }) => {
    expect(await box.run(["call", "everything", "get-sum", "a=2", "b=40"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("42") as string,
    });
    const refused = await box.run(["call", "everything", "get-sum", "a=two", "b=40"]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/"?a"?.*number[\s\S]*two/)]);
  });

  it("server-everything completes a long operation with progress", async ({ box }) => {
    const called = await box.run(["call", "everything", "trigger-long-running-operation", "duration=1", "steps=4"]);
    expect(called).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Long running operation completed") as string,
    });
  });

  it("server-everything's image is saved to a file, and its path is printed", async ({ box }) => {
    const called = await box.run(["call", "everything", "get-tiny-image"], {
      env: { XDG_CACHE_HOME: box.root, TMPDIR: box.root },
    });
    expect(called.code).toBe(0);
    const path = /(\/\S+\.png)/.exec(called.stdout)?.[1] ?? "no path";
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path).subarray(1, 4).toString()).toBe("PNG");
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it("server-everything's structured results are printed as JSON", async ({ box }) => {
    const called = await box.run(["call", "everything", "get-structured-content", "location=Chicago", "--json"]);
    expect(called.code).toBe(0);
    const result = JSON.parse(called.stdout) as { structuredContent: { temperature: unknown } };
    expect(typeof result.structuredContent.temperature).toBe("number");
  });
});

describe("server-filesystem", () => {
  it("server-filesystem reads a file", async ({ box, files }) => {
    const called = await box.run(["call", "filesystem", "read_text_file", `path=${join(files, "note.txt")}`]);
    expect([called.code, called.stdout]).toEqual([0, expect.stringContaining("grüß Gott")]);
  });

  it("server-filesystem exits with 5 when its tool reports an error", async ({ box }) => {
    const called = await box.run(["call", "filesystem", "read_text_file", "path=/etc/passwd"]);
    expect(called.code).toBe(5);
    expect(called.stdout + called.stderr).toContain("denied");
  });
});

it("a second call reuses the daemon and its server", async ({ box }) => {
  const pid = box.pid();
  const before = JSON.parse((await box.run(["servers", "--json"])).stdout) as unknown;
  expect(JSON.stringify(before)).toContain("everything");
  await box.run(["call", "everything", "echo", "message=again"]);
  expect(box.pid()).toBe(pid);
  expect(box.logLines("everything: ready after")).toHaveLength(1);
});
