import { defineConfig } from "vitest/config";

/** Real processes need room: these bound a hang, they are no measure of speed. */
const PROCESS_TIMEOUTS = { testTimeout: 30_000, hookTimeout: 30_000, teardownTimeout: 10_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 5_000 } },
      { test: { name: "integration", include: ["test/integration/**/*.test.ts"], ...PROCESS_TIMEOUTS } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...PROCESS_TIMEOUTS, maxWorkers: 2 } },
    ],
  },
});
