import { expect, it } from "vitest";

import { Port } from "../../../../src/servers/route/port.js";
import type { SessionClient } from "../../../../src/servers/route/session-client.js";

it("a client that two servers hold is read again when both have released it", () => {
  let paused = false;
  const port = new Port({ pause: () => (paused = true), resume: () => (paused = false) } as unknown as SessionClient);
  const [releaseFirst, releaseSecond] = [port.hold("one"), port.hold("two")];
  expect(paused).toBe(true);
  releaseFirst();
  releaseFirst();
  expect(paused).toBe(true);
  releaseSecond();
  expect(paused).toBe(false);
});
