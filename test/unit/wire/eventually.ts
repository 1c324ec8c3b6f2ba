import { vi } from "vitest";

/** Waits until the check passes; the bound is for a busy machine, not for a slow product. */
export async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 4_000, interval: 5 });
}
