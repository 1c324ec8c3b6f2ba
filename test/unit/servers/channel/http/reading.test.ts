import { expect, it } from "vitest";

import { Reading } from "../../../../../src/servers/channel/http/reading.js";

const MIB = 1024 * 1024;

it("of responses that together keep too much only the oldest and those with little are read on", async () => {
  const reading = new Reading();
  const [oldest, second, small] = [reading.start(), reading.start(), reading.start()];
  expect(oldest.turn(10 * MIB)).toBeUndefined();
  let waits = true;
  const turn = second.turn(10 * MIB)?.then(() => (waits = false));
  expect(turn).toBeDefined();
  expect(oldest.turn(11 * MIB)).toBeUndefined();
  expect(small.turn(1000)).toBeUndefined();
  await Promise.resolve();
  expect(waits).toBe(true);
  oldest.end();
  await turn;
  expect(second.turn(11 * MIB)).toBeUndefined();
});

it("a response that stalls does not hold up the others for good", async () => {
  const reading = new Reading();
  void reading.start().turn(20 * MIB);
  await expect(reading.start().turn(MIB)).resolves.toBeUndefined();
});

it("nothing is read while the channel is paused", async () => {
  const reading = new Reading();
  reading.pause();
  const turn = reading.start().turn(0);
  reading.resume();
  await turn;
  expect(reading.start().turn(0)).toBeUndefined();
});
