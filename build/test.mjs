// `npm test`: the checks, then every suite, then a line with the total. `node build/test.mjs SUITE [vitest's arguments]`
// runs one suite. On CI, as root, all suites that can do so run as a user without privileges. Tests that need a program
// which is missing are skipped, and the program is named; on CI nothing may be missing.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HELD } from "../test/guard-run.mjs";
import { onCi, packageNames, setUpOrExit } from "./setup/setup.mjs";
import { linesOfSkipped, suiteNames, testFiles } from "./setup/test-files.mjs";
import { canBecomeTestUser, createTestUser } from "./setup/test-user.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
/**
 * Ends a test runner that hangs, since tests have their own, shorter limits. The longest suite takes 15 minutes on a quiet
 * machine with two cores, and has to hold on one that is four times slower.
 */
const SUITE_LIMIT_MS = 4 * 20 * 60_000;

/** What depends on permissions of files and processes. The rest of the suite needs a desktop or installs packages. */
const E2E_AS_USER = [
  "test/e2e/cli",
  "test/e2e/lifecycle/environment.test.ts",
  "test/e2e/lifecycle/families.test.ts",
  "test/e2e/lifecycle/replaced-program.test.ts",
  "test/e2e/lifecycle/start-and-restart.test.ts",
];

const [name, ...vitestArgs] = process.argv.slice(2);
const suite = suiteNames.find((one) => one === name);
if (name !== undefined && suite === undefined) {
  console.error(`usage: node build/test.mjs [${suiteNames.join("|")} [vitest's arguments]]`);
  process.exit(2);
}

const files = testFiles(ROOT, suite === undefined ? suiteNames : [suite], vitestArgs);
await setUpOrExit("test", files);
const notRun = linesOfSkipped(files, (need) => packageNames([need]).join());
if (notRun.length > 0) console.log(`\n${notRun.join("\n")}`);
if (notRun.length > 0 && onCi()) {
  console.error("test: CI runs every test, so the missing programs above are an error");
  process.exit(1);
}
if (suite === undefined && (await run([join(ROOT, "build/check.mjs")])) !== 0) process.exit(1);
const total = { passed: 0, failed: 0, skipped: 0 };
/** @param {{ passed: number, failed: number, skipped: number }} result */
const count = (result) => {
  total.passed += result.passed;
  total.failed += result.failed;
  total.skipped += result.skipped;
};
const user = suite === undefined && onCi() ? await testUser() : undefined;
try {
  for (const name of suite === undefined ? suiteNames : [suite]) {
    count(await runSuite(name, vitestArgs, name === "e2e" ? undefined : user));
  }
  if (user !== undefined) count(await runSuite("e2e", E2E_AS_USER, user));
} finally {
  user?.remove();
}
if (notRun.length > 0) console.log(`\n${notRun.join("\n")}`);
if (total.passed + total.failed === 0) console.log("no tests ran");
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed > 0 || (total.passed === 0 && notRun.length === 0) ? 1 : 0;

/** A user without privileges, if this is root; undefined where that user can't run Node. */
async function testUser() {
  if (!canBecomeTestUser()) return undefined;
  const created = createTestUser(ROOT);
  if ((await run(["--eval", "0"], { cwd: created.root, prefix: created.prefix })) === 0) return created;
  console.log(`\nthe user ${created.name} can't run ${process.execPath}, so all suites run as root`);
  created.remove();
  return undefined;
}

/** @param {string} name @param {string[]} vitestArgs @param {import("./setup/test-user.mjs").TestUser} [user] */
async function runSuite(name, vitestArgs, user) {
  console.log(`\n${name} tests${user === undefined ? "" : ` as the user ${user.name}`}`);
  const root = user?.root ?? ROOT;
  const report = join(root, `.cache/test-${name}-${process.pid}.json`);
  mkdirSync(join(root, ".cache"), { recursive: true });
  const vitest = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--config", "test/vitest.config.mts"];
  const reporters = ["--reporter", "default", "--reporter", "json", `--outputFile.json=${report}`];
  // "e2e" is more than one project: which of its files run at the same time is in the configuration.
  const args = [...vitest, "--root", root, "--project", `${name}*`, ...reporters, ...vitestArgs];
  const code = await run(args, { cwd: root, prefix: user?.prefix ?? [] });
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
  /** @type {{ numTotalTests: number, numPassedTests: number, numFailedTests: number }} */
  const report = JSON.parse(readFileSync(file, "utf8"));
  rmSync(file);
  const { numTotalTests: all, numPassedTests: passed, numFailedTests: failed } = report;
  return { passed, failed, skipped: all - passed - failed };
}

/**
 * Runs a Node program in this terminal. A test runner sees the end of its standard input, and ends, when this one is killed.
 * @param {string[]} args
 * @param {{ cwd: string, prefix: string[] }} [place] where, and the words before the command
 * @returns {Promise<number>} its exit code
 */
function run(args, { cwd, prefix } = { cwd: ROOT, prefix: [] }) {
  // The prefix ends with the variables of that user.
  const held = prefix.length > 0 ? [`${HELD}=1`] : [];
  const [command = process.execPath, ...words] = [...prefix, ...held, process.execPath, ...args];
  const env = { ...process.env, [HELD]: "1" };
  const child = spawn(command, words, { cwd, env, stdio: ["pipe", "inherit", "inherit"], timeout: SUITE_LIMIT_MS });
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", (code, signal) => {
      if (signal !== null) console.error(`ended by ${signal}`);
      resolve(code ?? 1);
    });
  });
}
