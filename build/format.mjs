// `npm run format`: formats every file, or those that are named.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setUpOrExit } from "./setup/setup.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

await setUpOrExit("check");
const named = process.argv.slice(2);
const args = [`${ROOT}/node_modules/prettier/bin/prettier.cjs`, "--write", ...(named.length > 0 ? named : ["."])];
process.exitCode = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" }).status ?? 1;
