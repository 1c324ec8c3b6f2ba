import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";

import { FrameDecoder } from "../../../src/wire/frames.js";

it("a frame that comes byte by byte costs little more memory than its bytes", () => {
  const frames: number[] = [];
  const decoder = new FrameDecoder((raw) => frames.push(raw.length));
  const before = memoryInUse();
  for (let n = 0; n < 500_000; n++) decoder.push(Buffer.from("x"));
  expect(decoder.pendingBytes).toBe(500_000);
  expect(memoryInUse() - before).toBeLessThan(10_000_000);
  decoder.push(Buffer.from("\n"));
  expect(frames).toEqual([500_000]);
});

function memoryInUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
