import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "../../fixtures/sandbox.js";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "apart-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it("a detached program inherits no descriptor and no variable of an AppImage", async () => {
  const found = join(dir, "found");
  const look = `{ ls /proc/self/fd; echo "APPDIR=$APPDIR PATH=$PATH"; echo done; } >${found}`;
  const starter = join(dir, "starter.cjs");
  buildSync({
    stdin: {
      // dup2 gives descriptors that are inherited, as Electron's are; Node closes its own and those that it was given.
      contents: `
        import { openSync } from "node:fs";
        import { startDetached } from "./install/start-detached.js";
        import { duplicateOver } from "./state/platform/libc.js";
        for (const fd of [40, 41, 300]) duplicateOver(openSync("/dev/null", "r"), fd);
        startDetached("/bin/sh", ["-c", ${JSON.stringify(look)}]);
      `,
      resolveDir: resolve("src"),
      loader: "ts",
    },
    outfile: starter,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["koffi"],
  });
  const started = spawnSync(process.execPath, [starter], {
    env: {
      ...process.env,
      NODE_PATH: resolve("node_modules"),
      APPDIR: "/mount",
      PATH: `/mount:${process.env["PATH"]}`,
    },
    encoding: "utf8",
  });
  expect(started.stderr).toBe("");
  const lines = await until("the program has looked around", () => {
    const text = readFileSync(found, { encoding: "utf8", flag: "a+" });
    return text.endsWith("done\n") ? text.trim().split("\n") : undefined;
  });
  // 3 is the listing's own.
  expect(lines.slice(0, 4)).toEqual(["0", "1", "2", "3"]);
  expect(lines[4]).toBe(`APPDIR= PATH=${process.env["PATH"]}`);
});
