// `npm run bench`: bundles test/bench/main.ts and runs it without what would distort the measurements.
import { fileURLToPath } from "node:url";
import { runBundled } from "./setup/run-bundled.mjs";
import { setUpOrExit } from "./setup/setup.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

await setUpOrExit("test");
process.exitCode = await runBundled(ROOT, "test/bench/main.ts", process.argv.slice(2));
