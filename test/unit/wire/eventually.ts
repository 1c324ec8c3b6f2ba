import { vi } from "vitest";

import { FACT_MS } from "../../fixtures/bounds.js";

/** Waits until the check passes; the bound is for a busy machine, not for a slow product. */
export async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: FACT_MS, interval: 5 });
}
