// `npm start`: makes everything ready, starts the daemon and shows its state until ctrl-c. The daemon goes on.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setUpOrExit } from "./setup.mjs";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

await setUpOrExit("start");
process.exitCode = await run("start");
if (process.exitCode === 0) process.exitCode = await run("status", "--watch");

/**
 * Runs the CLI in this terminal. A signal ends it, and being ended by one is success: it is the way out.
 * @param {string[]} args
 */
async function run(...args) {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: "inherit" });
  let signalled = false;
  const end = () => {
    signalled = true;
    child.kill("SIGTERM");
  };
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, end);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.off(signal, end);
  if (signalled) process.exit(0);
  return /** @type {number | null} */ (code) ?? 1;
}
