import { expect, it } from "vitest";

import { InFlight } from "../../../src/servers/in-flight.js";

it("a request that is closed twice is counted down once", async () => {
  const inFlight = new InFlight();
  const [leaveFirst, leaveSecond] = [inFlight.enter(), inFlight.enter()];
  leaveFirst();
  leaveFirst();
  expect(inFlight.count).toBe(1);
  const none = inFlight.none();
  leaveSecond();
  await none;
  expect(inFlight.count).toBe(0);
});
