// `npm start`: sets everything up, then opens the app, or without a display, or where the app can't run, starts the daemon
// and shows its state. Both run until Ctrl+C; the daemon keeps running.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { whyAppCannotRun } from "./electron/app-failure.mjs";
import { electronDirectory, electronIsInPlace, electronProgram } from "./electron/electron-dist.mjs";
import { hasDisplay } from "./setup/display.mjs";
import { setUpOrExit } from "./setup/setup.mjs";
import { missingNeeds } from "./setup/system-packages.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
/** Enough to contain why Electron ended. */
const KEPT_OUTPUT = 16_384;

await setUpOrExit("start");
process.exitCode = hasDisplay() ? await runAppIfPossible() : await runInTerminal();

async function runAppIfPossible() {
  const missing = missingNeeds("start", []).filter(({ optional }) => !optional);
  if (!electronIsInPlace() || missing.length > 0) return runInsteadOfApp("what it needs is not installed, see above");
  const { code, output } = await runApp();
  const problem = code === 0 ? undefined : whyAppCannotRun(output, electronDirectory());
  return problem === undefined ? code : runInsteadOfApp(problem);
}

/** @param {string} problem */
function runInsteadOfApp(problem) {
  console.error(`npm start: the app can't run: ${problem}.\nnpm start: showing the daemon's status here instead`);
  return runInTerminal();
}

function runApp() {
  const asRoot = process.platform === "linux" && process.getuid?.() === 0;
  if (asRoot) console.error("Running as root: Chromium's sandbox is off, since it does not work for root.");
  const env = asRoot ? { ...process.env, ELECTRON_DISABLE_SANDBOX: "1" } : process.env;
  return run(electronProgram(), [ROOT], { env, keepErrors: true });
}

async function runInTerminal() {
  const { code } = await run(process.execPath, [CLI, "start"]);
  return code === 0 ? (await run(process.execPath, [CLI, "status", "--watch"])).code : code;
}

/**
 * Runs a program in this terminal. A signal such as Ctrl+C ends it and counts as success, since that is how it is ended.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, keepErrors?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>} with `keepErrors` the start of what it printed to stderr
 */
async function run(program, args, { env = process.env, keepErrors = false } = {}) {
  const child = spawn(program, args, { env, stdio: ["inherit", "inherit", keepErrors ? "pipe" : "inherit"] });
  let output = "";
  child.stderr?.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    process.stderr.write(text);
    if (output.length < KEPT_OUTPUT) output += text;
  });
  let signalled = false;
  const end = () => {
    signalled = true;
    child.kill("SIGTERM");
  };
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, end);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.off(signal, end);
  if (signalled) process.exit(0);
  return { code: /** @type {number | null} */ (code) ?? 1, output };
}
