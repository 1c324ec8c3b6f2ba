import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

import { FACT_MS, TEST_MS } from "./fixtures/bounds.js";

/** Limits only end what hangs, so they hold for pure functions, for processes and for the slowest machine alike. */
const LIMITS = { testTimeout: TEST_MS, hookTimeout: TEST_MS, expect: { poll: { timeout: FACT_MS } } };

/** Skips what needs a program that this machine does not have. */
const runner = fileURLToPath(new URL("skipping-runner.ts", import.meta.url));

/** Their desktop needs X11, which macOS does not have. */
const WHERE_X11_IS = process.platform === "linux" ? [] : ["test/e2e/tray/**"];

/**
 * Run one file at a time, after all others: a hundred commands at once would disturb real clicks on a desktop, and
 * packages are built once for all files and installed for the whole machine.
 */
const ALONE = ["test/e2e/tray/**/*.test.ts", "test/e2e/packages/**/*.test.ts"];
/** The others wait half of their time, so that two at once use two cores. */
const AT_ONCE = 2;

// Nothing is retried anywhere: a test that fails sometimes has a cause, in the product or in the test.
export default defineConfig({
  test: {
    globalSetup: "test/global-setup.ts",
    teardownTimeout: FACT_MS,
    // The projects do not inherit this, since each of them would set up the run once more.
    projects: [
      { test: { name: "unit", include: ["test/{unit,model}/**/*.test.ts"], runner, ...LIMITS } },
      { test: { name: "integration", include: ["test/integration/**/*.test.ts"], runner, ...LIMITS } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: ALONE,
          maxWorkers: AT_ONCE,
          sequence: { groupOrder: 1 },
          runner,
          ...LIMITS,
        },
      },
      {
        test: {
          name: "e2e-alone",
          include: ALONE,
          exclude: WHERE_X11_IS,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          runner,
          ...LIMITS,
        },
      },
    ],
  },
});
