import { expect } from "vitest";
import { PACKAGES_MS } from "../../fixtures/bounds.js";
import { it } from "../../fixtures/it/with-counter.js";
import { soakRestarts } from "../../soak/restarts.js";

/** The long form is `npm run soak:restarts`. */
const SHORT = { restarts: 20, commands: 3, clients: 3, busyClients: 1, pauseMs: 200 };

it(
  "in twenty restarts no call of commands and programs that call without pause is lost, run twice or left in doubt",
  async ({ box, counted }) => {
    const { calls, restartMs, ...wrong } = await soakRestarts(box, counted, SHORT);
    expect(wrong).toEqual({ lost: [], unknown: [], doubled: [], invented: [], failedRestarts: [], failedReads: [] });
    expect(restartMs).toHaveLength(SHORT.restarts);
    expect(Math.min(calls.commands, calls.clients)).toBeGreaterThan(SHORT.restarts);
  },
  PACKAGES_MS,
);
