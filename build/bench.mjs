// `npm run bench`: bundles test/bench/main.ts and runs it without what would distort the measurements.
import { fileURLToPath } from "node:url";
import { runBundled } from "./setup/run-bundled.mjs";
import { setUpOrExit } from "./setup/setup.mjs";
import { BENCH_OF_APP } from "./setup/system-packages.mjs";
import { whyNotRunnable } from "./setup/test-files.mjs";

const BENCHES = "test/bench/main.ts";
const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const args = process.argv.slice(2);
await setUpOrExit("test", args.length === 0 || args.includes("tray") ? [BENCH_OF_APP] : [BENCHES]);
const problem = whyNotRunnable(BENCH_OF_APP);
if (problem !== undefined && args.length === 0) {
  console.log(`SKIPPED: the benchmark of the app, since ${problem}`);
  args.push("--skip=tray");
}
process.exitCode = await runBundled(ROOT, BENCHES, args);
