// `npm run check`: every check that does not run the code.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { runQuietly, seconds } from "./setup/run.mjs";
import { setUpOrExit } from "./setup/setup.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Arguments of an incremental type check. @param {string} project @param {string} name */
const types = (project, name) => ["-p", project, "--incremental", "--tsBuildInfoFile", `.cache/${name}.tsbuildinfo`];

/** The longest first. The linter keeps no cache, since its result for a file depends on the types in others. */
const STEPS = [
  { title: "lint", script: "eslint/bin/eslint.js", args: ["-c", "build/eslint.config.mjs", "."] },
  { title: "types", script: "typescript/bin/tsc", args: types(".", "types") },
  { title: "types of the window", script: "typescript/bin/tsc", args: types("renderer", "types-window") },
  { title: "types of its tests", script: "typescript/bin/tsc", args: types("test/e2e/tray", "types-tray-tests") },
  { title: "dead code", script: "knip/bin/knip.js", args: ["--no-progress"] },
  {
    title: "format",
    script: "prettier/bin/prettier.cjs",
    args: [
      "--check",
      "--log-level",
      "warn",
      "--cache",
      "--cache-strategy",
      "content",
      "--cache-location",
      ".cache/prettier",
      ".",
    ],
  },
  {
    title: "imports",
    script: "dependency-cruiser/bin/dependency-cruise.mjs",
    args: ["--config", ".dependency-cruiser.cjs", "src", "electron", "renderer", "test", "build"],
  },
];

await setUpOrExit("check");
const stop = new AbortController();
const waiting = [...STEPS];
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));

/** Runs one step after another; the first failure ends all others. */
async function worker() {
  for (let step = waiting.shift(); step !== undefined && !stop.signal.aborted; step = waiting.shift()) {
    const args = [`${ROOT}/node_modules/${step.script}`, ...step.args];
    const { ok, output, ms } = await runQuietly(process.execPath, args, { cwd: ROOT, signal: stop.signal });
    if (stop.signal.aborted) return;
    console.log(`check: ${step.title.padEnd(20)} ${ok ? "ok" : "FAILED"} (${seconds(ms)})`);
    if (ok) continue;
    console.log(output.trimEnd());
    process.exitCode = 1;
    stop.abort();
  }
}
