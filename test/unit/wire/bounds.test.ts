import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";

import { FrameStream, type FrameStreamBounds } from "../../../src/wire/frame-stream.js";
import { eventually } from "./eventually.js";
import { socketPair } from "./socket-pair.js";

const BOUNDS: FrameStreamBounds = { linesPerTurn: 64, unreadBytes: 1024 * 1024 };

/** A stream that answers every frame with the same bytes. */
function echo(socket: Socket, onFrame: (text: string) => void = () => undefined): FrameStream {
  const stream: FrameStream = new FrameStream(socket, socket, {
    bounds: BOUNDS,
    onFrame: (raw) => {
      onFrame(raw.toString());
      stream.send(raw);
    },
    onClose: () => undefined,
  });
  return stream;
}

/** Writes lines until the other side takes no more, or `most` are written; returns how many. */
async function flood(socket: Socket, most: number, line: (n: number) => string): Promise<number> {
  let written = 0;
  while (written < most) {
    if (socket.write(line(written++))) continue;
    const drained = await Promise.race([
      once(socket, "drain").then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, 300, false)),
    ]);
    if (!drained) break;
  }
  return written;
}

describe("a client that does not read", () => {
  it("a client that writes and does not read is not read from any more, and gets everything once it reads", async () => {
    const [near, far] = await socketPair();
    const stream = echo(near);
    far.pause();
    const line = (n: number): string => `${JSON.stringify({ id: n, padding: "x".repeat(1_000) })}\n`;
    const written = await flood(far, 100_000, line);
    expect(written).toBeLessThan(20_000);
    expect(stream.isPaused).toBe(true);
    // What it may leave unread, and the answers to what was read already.
    expect(stream.bufferedBytes).toBeLessThan(BOUNDS.unreadBytes + 300_000);

    let received = "";
    far.on("data", (chunk: Buffer) => (received += chunk.toString("latin1"))).resume();
    await eventually(() => expect(received.split("\n")).toHaveLength(written + 1));
    expect(received).toBe(Array.from({ length: written }, (_, n) => line(n)).join(""));
    expect(stream.isPaused).toBe(false);
  });

  it("a client that does not read and hangs up is noticed", async () => {
    const [near, far] = await socketPair();
    const stream = echo(near);
    far.pause();
    await flood(far, 100_000, () => `${"x".repeat(1_000)}\n`);
    far.destroy();
    await eventually(() => expect(stream.closed).toBe(true));
  });
});

describe("a client that floods its connection", () => {
  it("a client that sends thousands of frames at once does not keep another one waiting until all are read", async () => {
    const order: string[] = [];
    const [flooded, flooder] = await socketPair();
    const [quiet, other] = await socketPair();
    echo(quiet, () => order.push("other"));
    echo(flooded, () => {
      if (order.length === 0) other.write('{"other":1}\n');
      order.push("flood");
    });
    flooder.resume().write('{"flood":1}\n'.repeat(4_000));
    await eventually(() => expect(order).toHaveLength(4_001));
    expect(order.indexOf("other")).toBeLessThanOrEqual(4 * BOUNDS.linesPerTurn);
  });

  it("frames keep their order and are all read when a stream is paused and resumed while it is being read", async () => {
    const [near, far] = await socketPair();
    const numbers: number[] = [];
    const stream: FrameStream = new FrameStream(near, near, {
      bounds: { ...BOUNDS, linesPerTurn: 7 },
      onFrame: (raw) => {
        const n = Number(raw.toString());
        numbers.push(n);
        if (n % 10 === 0) stream.pause();
        if (n % 30 === 0) stream.resume();
        else if (n % 10 === 0) setTimeout(() => stream.resume(), 1);
      },
      onClose: () => undefined,
    });
    const expected = Array.from({ length: 500 }, (_, n) => n);
    far.write(expected.map((n) => `${n}\n`).join(""));
    await eventually(() => expect(numbers).toHaveLength(500));
    expect(numbers).toEqual(expected);
  });

  it("what a client sent before it hung up is read to the last frame, however much it was", async () => {
    const [near, far] = await socketPair();
    let read = 0;
    const ended = new Promise((resolve) => {
      new FrameStream(near, near, { bounds: BOUNDS, onFrame: () => read++, onClose: resolve });
    });
    far.end("{}\n".repeat(50_000));
    expect(await ended).toBeUndefined();
    expect(read).toBe(50_000);
  });
});
