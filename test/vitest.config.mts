import { defineConfig } from "vitest/config";

/** Real processes need room: these bound a hang, they are no measure of speed. */
const PROCESS_TIMEOUTS = { testTimeout: 30_000, hookTimeout: 30_000 };

/** Their desktop is one of X11, which nobody has on macOS. */
const WHERE_X11_IS = process.platform === "linux" ? [] : ["test/e2e/tray/**"];

export default defineConfig({
  test: {
    globalSetup: "test/global-setup.ts",
    teardownTimeout: 20_000,
    // Not inherited by the projects, or each of them would set up the run once more.
    projects: [
      { test: { name: "unit", include: ["test/{unit,model}/**/*.test.ts"] } },
      { test: { name: "integration", include: ["test/integration/**/*.test.ts"], ...PROCESS_TIMEOUTS } },
      {
        // What fails now and then has a cause, in the product or in the test, so nothing is tried again where somebody looks.
        // In CI, whose machine nobody quietens, one odd test of hundreds must not hide the rest.
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
