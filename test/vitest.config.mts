import { defineConfig } from "vitest/config";

/** Limits for real processes, which only end what hangs. */
const PROCESS_TIMEOUTS = { testTimeout: 30_000, hookTimeout: 30_000 };

/** Their desktop needs X11, which macOS does not have. */
const WHERE_X11_IS = process.platform === "linux" ? [] : ["test/e2e/tray/**"];

export default defineConfig({
  test: {
    globalSetup: "test/global-setup.ts",
    teardownTimeout: 20_000,
    // The projects do not inherit this, since each of them would set up the run once more.
    projects: [
      { test: { name: "unit", include: ["test/{unit,model}/**/*.test.ts"] } },
      { test: { name: "integration", include: ["test/integration/**/*.test.ts"], ...PROCESS_TIMEOUTS } },
      {
        // A test that fails sometimes has a cause, in the product or in the test, so nothing is retried locally.
        // On CI's shared machines one slow test in hundreds must not hide the results of the others.
        test: {
          name: "e2e",
          retry: process.env["CI"] ? 1 : 0,
          include: ["test/e2e/**/*.test.ts"],
          exclude: WHERE_X11_IS,
          ...PROCESS_TIMEOUTS,
        },
      },
    ],
  },
});
