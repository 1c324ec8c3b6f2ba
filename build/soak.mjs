// `npm run soak:restarts`: bundles test/soak/main.ts and runs it, on the built tree, with a home of its own.
import { fileURLToPath } from "node:url";
import { runBundled } from "./setup/run-bundled.mjs";
import { setUpOrExit } from "./setup/setup.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const SOAK = "test/soak/main.ts";

await setUpOrExit("test", [SOAK]);
process.exitCode = await runBundled(ROOT, SOAK, process.argv.slice(2));
