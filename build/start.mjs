// `npm start`: sets everything up, then opens the app, or without a display starts the daemon and shows its state. Both
// run until Ctrl+C; the daemon keeps running.
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
  if (asRoot) console.error("Running as root: Chromium's sandbox is off, since it does not work for root.");
  const env = asRoot ? { ...process.env, ELECTRON_DISABLE_SANDBOX: "1" } : process.env;
  return run(electronProgram(), [ROOT], env);
}

async function runInTerminal() {
  const code = await run(process.execPath, [CLI, "start"]);
  return code === 0 ? run(process.execPath, [CLI, "status", "--watch"]) : code;
}

/**
 * Runs a program in this terminal. A signal such as Ctrl+C ends it and counts as success, since that is how it is ended.
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
