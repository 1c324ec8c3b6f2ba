import { copyFileSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { it } from "../../fixtures/it/with-box.js";
import { until, type Sandbox } from "../../fixtures/sandbox.js";

const READ = ["call", "memory", "read_graph"];

/** Makes build-info.json describe other code than that which is installed; returns what was in it. */
function replaceHalf(root: string): string {
  const file = join(root, "build-info.json");
  const before = readFileSync(file, "utf8");
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(before) as object), codeId: "0".repeat(16) }));
  return before;
}

/** Runs the CLI in a shell that has opened `file` under high numbers, as process substitutions do. */
const startWithDescriptors = (box: Sandbox, file: string): ReturnType<typeof spawnSync> =>
  spawnSync(
    "bash",
    ["-c", `exec 20<"$0" 63<"$0" 250<"$0"; exec "$@"`, file, process.execPath, resolve("dist/cli.js"), "start"],
    {
      env: { ...process.env, LOCKSTEP_DIR: box.dir },
      encoding: "utf8",
    },
  );

describe("an installation that is replaced while a daemon starts", () => {
  it("the daemon is started again, until it is what is installed", async ({ box }) => {
    const root = box.installation("upgraded");
    const complete = replaceHalf(root);
    const started = box.run(["start"], { from: root });
    await until(
      "the first daemon has noticed it",
      () => box.logLines("was replaced while this daemon started").length > 0,
    );
    writeFileSync(join(root, "build-info.json"), complete);
    expect(await started).toMatchObject({ code: 0 });
    expect(box.logLines("daemon: ready")).toHaveLength(1);
  });

  it("one that stays incomplete is reported as such", async ({ box }) => {
    const root = box.installation("broken");
    replaceHalf(root);
    expect(await box.run(["start"], { from: root })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/exited with code 75 .*installation was replaced.*reinstall/) as string,
    });
  });
});

describe("a daemon whose program was removed", () => {
  it("starts its builtin server all the same, and status and doctor say that the program is gone", async ({ box }) => {
    const node = join(box.root, "node");
    copyFileSync(process.execPath, node);
    const env = { ...process.env, LOCKSTEP_DIR: box.dir };
    expect(spawnSync(node, [resolve("dist/cli.js"), "start"], { env, encoding: "utf8" })).toMatchObject({ status: 0 });
    rmSync(node);
    expect(await box.run(READ)).toMatchObject({ code: 0, stderr: "" });
    const status = JSON.parse((await box.run(["status", "--json"])).stdout) as Record<string, unknown>;
    expect(status).toMatchObject({ state: "running", inStep: true, execPath: node, execPathGone: true });
    expect((await box.run(["status"])).stdout).toContain(`${node} was removed`);
    expect(await box.run(["doctor"])).toMatchObject({ code: 1, stdout: expect.stringContaining(node) as string });
  });
});

it("a daemon holds no descriptor of the program that started it, however high its number", ({ box }) => {
  const file = join(box.root, "held");
  writeFileSync(file, "");
  const started = startWithDescriptors(box, file);
  expect([started.status, started.stderr]).toEqual([0, expect.stringContaining("starting")]);
  const descriptors = `/proc/${box.pid()}/fd`;
  const held = readdirSync(descriptors).filter((fd) => readlinkSync(join(descriptors, fd)) === file);
  expect(held).toEqual([]);
});
