// `npm test`: the checks, then every suite, then a line with the total. `node build/test.mjs SUITE [vitest's arguments]`
// runs one suite.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUpOrExit } from "./setup/setup.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const SUITES = ["unit", "integration", "e2e"];
/** Tests have their own, shorter limits; this one is for a test runner that hangs. */
const SUITE_LIMIT_MS = 20 * 60_000;

const [suite, ...vitestArgs] = process.argv.slice(2);
if (suite !== undefined && !SUITES.includes(suite)) {
  console.error(`usage: node build/test.mjs [${SUITES.join("|")} [vitest's arguments]]`);
  process.exit(2);
}

// Unit tests run on the sources, even when these do not build.
await setUpOrExit(suite === "unit" ? "check" : "test");
if (suite === undefined && (await run([join(ROOT, "build/check.mjs")])) !== 0) process.exit(1);
const total = { passed: 0, failed: 0, skipped: 0 };
for (const name of suite === undefined ? SUITES : [suite]) {
  const result = await runSuite(name, vitestArgs);
  total.passed += result.passed;
  total.failed += result.failed;
  total.skipped += result.skipped;
}
if (total.passed + total.failed === 0) console.log("no tests ran");
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** @param {string} name @param {string[]} vitestArgs */
async function runSuite(name, vitestArgs) {
  console.log(`\n${name} tests`);
  const report = join(ROOT, `.cache/test-${name}-${process.pid}.json`);
  mkdirSync(join(ROOT, ".cache"), { recursive: true });
  const vitest = [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--config", "test/vitest.config.mts"];
  const reporters = ["--reporter", "default", "--reporter", "json", `--outputFile.json=${report}`];
  // One file at a time: tests with a hundred commands at once would disturb those with real clicks on a desktop.
  const oneByOne = name === "e2e" ? ["--no-file-parallelism"] : [];
  const code = await run([...vitest, "--root", ROOT, "--project", name, ...reporters, ...oneByOne, ...vitestArgs]);
  const result = readReport(report);
  // Errors outside of tests, files that fail to load and leaked processes are not counted as failed tests.
  if (code !== 0 && result.failed === 0) {
    console.log(`${name}: the runner reported an error outside the tests, see above; counted as one failure`);
    result.failed = 1;
  }
  return result;
}

/** @param {string} file */
function readReport(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 };
  /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} */
  const report = JSON.parse(readFileSync(file, "utf8"));
  rmSync(file);
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests, numTodoTests } = report;
  return { passed, failed, skipped: numPendingTests + numTodoTests };
}

/** Runs a Node program in this terminal. @param {string[]} args @returns {Promise<number>} its exit code */
function run(args) {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    timeout: SUITE_LIMIT_MS,
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", (code, signal) => {
      if (signal !== null) console.error(`ended by ${signal}`);
      resolve(code ?? 1);
    });
  });
}
