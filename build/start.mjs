// `npm start`: makes everything ready, then opens the app; without a display it starts the daemon and shows its state.
// Both last until ctrl-c. The daemon goes on.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { hasDisplay } from "./setup/display.mjs";
import { electronIsInPlace, electronProgram } from "./electron/electron-dist.mjs";
import { setUpOrExit } from "./setup/setup.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

await setUpOrExit("start");
process.exitCode = hasDisplay() && electronIsInPlace() ? await runApp() : await runInTerminal();

async function runApp() {
  const asRoot = process.platform === "linux" && process.getuid?.() === 0;
  if (asRoot) console.error("Running as root: Chromium's sandbox, which refuses to, is off.");
  const env = asRoot ? { ...process.env, ELECTRON_DISABLE_SANDBOX: "1" } : process.env;
  return run(electronProgram(), [ROOT], env);
}

async function runInTerminal() {
  const code = await run(process.execPath, [CLI, "start"]);
  return code === 0 ? run(process.execPath, [CLI, "status", "--watch"]) : code;
}

/**
 * Runs a program in this terminal. A signal ends it, and being ended by one is success: it is the way out.
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
async function run(program, args, env = process.env) {
  const child = spawn(program, args, { env, stdio: "inherit" });
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
