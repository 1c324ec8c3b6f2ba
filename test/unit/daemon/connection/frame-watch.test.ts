import type { Socket } from "node:net";
import { expect, it } from "vitest";

import { FrameWatch, STALLED_BEATS } from "../../../../src/daemon/connection/frame-watch.js";
import { FrameStream } from "../../../../src/wire/frame-stream.js";
import { eventually } from "../../wire/eventually.js";
import { socketPair } from "../../wire/socket-pair.js";

interface Watched {
  stream: FrameStream;
  watch: FrameWatch;
  far: Socket;
  /** The far side writes, and the bytes have been received. */
  write: (text: string) => Promise<void>;
  /** How many of `count` heartbeats pass before the frame counts as stalled. */
  beats: (count: number) => number;
}

async function watched(): Promise<Watched> {
  const [near, far] = await socketPair();
  const stream = new FrameStream(near, near, { onFrame: () => undefined, onClose: () => undefined });
  const watch = new FrameWatch(stream);
  let written = 0;
  return {
    stream,
    watch,
    far,
    write: async (text) => {
      far.write(text);
      written += text.length;
      await eventually(() => expect(stream.receivedBytes).toBe(written));
    },
    beats: (count) => {
      for (let beat = 0; beat < count; beat++) if (watch.isStalled()) return beat;
      return count;
    },
  };
}

it("a client that stops in the middle of a frame is noticed after fifteen heartbeats", async () => {
  const { write, beats } = await watched();
  await write('{"whole":1}\n');
  expect(beats(100)).toBe(100);
  await write('{"half":');
  expect(beats(100)).toBe(STALLED_BEATS);
});

it("a frame that comes slowly and steadily is no stalled one, however long it takes", async () => {
  const { write, beats } = await watched();
  await write('{"slow":"');
  for (let step = 0; step < 20; step++) {
    expect(beats(STALLED_BEATS - 1)).toBe(STALLED_BEATS - 1);
    await write("x");
  }
});

it("the time in which the daemon itself does not read is not held against the client", async () => {
  const { stream, write, beats } = await watched();
  await write('{"half":');
  stream.pause();
  expect(beats(100)).toBe(100);
  stream.resume();
  expect(beats(STALLED_BEATS - 2)).toBe(STALLED_BEATS - 2);
  await write('"now"}\n');
  expect(beats(100)).toBe(100);
});
