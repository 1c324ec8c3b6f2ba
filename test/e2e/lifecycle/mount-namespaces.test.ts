import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { it as base } from "../../fixtures/it/with-box.js";
import type { Sandbox } from "../../fixtures/sandbox.js";

/** What a container does: mounts of its own. Only root may make them. */
const canUnshare = spawnSync("unshare", ["-m", "true"]).status === 0;

const it = base.extend("run", ({ box }) => {
  const path = join(box.root, "inst", "opt");
  return (root: string, args: string[]) => runMounted(box, root, path, args);
});

/** Runs the CLI of the installation in `root`, which is at `path` for that process and for the daemon that it starts. */
function runMounted(box: Sandbox, root: string, path: string, args: string[]): { code: number | null; stderr: string } {
  mkdirSync(path, { recursive: true });
  const script = 'mount --bind "$0" "$1" && cd / && exec "$2" "$1/cli.js" "${@:3}"';
  const { status, stderr } = spawnSync("unshare", ["-m", "bash", "-c", script, root, path, process.execPath, ...args], {
    env: { ...process.env, LOCKSTEP_DIR: box.dir },
    encoding: "utf8",
  });
  return { code: status, stderr };
}

it.runIf(canUnshare)(
  "two containers with different versions at one path do not restart each other's daemon",
  ({ box, run }) => {
    const older = box.installation("older", { version: "1.0.0" });
    const newer = box.installation("newer", { version: "1.1.0" });
    const read = ["call", "memory", "read_graph"];
    expect(run(older, read)).toMatchObject({ code: 0 });
    expect(run(newer, read)).toMatchObject({ code: 0, stderr: expect.stringContaining("restarting") as string });
    const pid = box.pid();
    for (let calls = 0; calls < 3; calls++) {
      const called = run(older, read);
      expect(called).toMatchObject({ code: 0 });
      expect(called.stderr).not.toContain("restarting");
      expect(run(newer, read)).toEqual({ code: 0, stderr: "" });
    }
    expect(box.pid()).toBe(pid);
    expect(box.ledger().map(({ did }) => did)).toEqual(["start", "restart"]);
  },
);
