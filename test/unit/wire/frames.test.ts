import { describe, expect, it } from "vitest";

import { FrameDecoder, FrameError, MAX_FRAME_BYTES } from "../../../src/wire/frames.js";

/** As PreviewsMCP sends it: a heart, and 8 bytes of time stamp, here with a newline and a brace among them. */
const HEARTBEAT = Buffer.from([0xf0, 0x9f, 0x92, 0x93, 0x41, 0x0a, 0x7b, 0x00, 0xff, 0x0a, 0x0d, 0x22]);

describe("FrameDecoder", () => {
  const stream = Buffer.concat([
    Buffer.from('{"a":1}\n\n\r\n{"b":"ä😀"}\r\n'),
    HEARTBEAT,
    Buffer.from('{"c":3}\n'),
    HEARTBEAT,
    HEARTBEAT,
    Buffer.from('{"d":"💓"}\n'),
    HEARTBEAT,
  ]);
  const whole = { frames: ['{"a":1}', '{"b":"ä😀"}', '{"c":3}', '{"d":"💓"}'], pendingBytes: 0 };

  it("a frame decoder cuts a stream into frames and skips raw heartbeats", () => {
    expect(decode([stream])).toEqual(whole);
  });

  it("a frame decoder gives the same frames wherever the stream is split", () => {
    for (let at = 0; at <= stream.length; at++) {
      expect(decode([stream.subarray(0, at), stream.subarray(at)]), `split at ${at}`).toEqual(whole);
    }
    expect(decode([...stream].map((byte) => Buffer.of(byte)))).toEqual(whole);
  });

  it("a frame decoder gives the same frames wherever the stream is split twice", () => {
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second += 3) {
        const parts = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)];
        expect(decode(parts), `split at ${first} and ${second}`).toEqual(whole);
      }
    }
  });

  it("a frame decoder counts the bytes of an incomplete frame", () => {
    expect(decode([Buffer.from('{"a":1}\n{"b"')])).toMatchObject({ frames: ['{"a":1}'], pendingBytes: 4 });
    expect(decode([HEARTBEAT.subarray(0, 7)])).toMatchObject({ frames: [], pendingBytes: 7 });
  });

  it("a frame decoder reads another four-byte character as the start of a (broken) frame", () => {
    const rocket = Buffer.from("🚀 launched\n");
    for (let at = 0; at <= rocket.length; at++) {
      expect(decode([rocket.subarray(0, at), rocket.subarray(at)])).toMatchObject({ frames: ["🚀 launched"] });
    }
  });

  it("a frame decoder joins a large frame of many chunks once", () => {
    const chunk = Buffer.alloc(4096, "x");
    const frames: number[] = [];
    const decoder = new FrameDecoder((raw) => frames.push(raw.length));
    for (let i = 0; i < 10_000; i++) decoder.push(chunk);
    decoder.push(Buffer.from("\n"));
    expect(frames).toEqual([40_960_000]);
  });

  it("a frame decoder accepts a frame of exactly 64 MiB", () => {
    const frames: number[] = [];
    const decoder = new FrameDecoder((raw) => frames.push(raw.length));
    decoder.push(Buffer.alloc(MAX_FRAME_BYTES, "x"));
    decoder.push(Buffer.from("\n"));
    expect(frames).toEqual([64 * 1024 * 1024]);
  });

  it("a frame decoder refuses a longer frame as soon as it grows over the limit", () => {
    const decoder = new FrameDecoder(() => expect.unreachable());
    const chunk = Buffer.alloc(1024 * 1024, "x");
    for (let mebibytes = 0; mebibytes < 64; mebibytes++) decoder.push(chunk);
    const pushOne = (): void => decoder.push(Buffer.from("x"));
    expect(pushOne).toThrow(FrameError);
    expect(decoder.pendingBytes).toBe(0);
  });

  it("a frame decoder names the limit, and the alternative, when it refuses a frame", () => {
    const decoder = new FrameDecoder(() => expect.unreachable());
    expect(() => decoder.push(Buffer.alloc(MAX_FRAME_BYTES + 1, "x"))).toThrow(
      "A message is longer than the limit of 64 MiB (67108864 bytes per line). Send large data in parts, " +
        "or pass a path or a resource link instead of the content.",
    );
  });
});

function decode(chunks: Buffer[]): { frames: string[]; pendingBytes: number } {
  const frames: string[] = [];
  const decoder = new FrameDecoder((raw) => frames.push(raw.toString()));
  for (const chunk of chunks) decoder.push(chunk);
  return { frames, pendingBytes: decoder.pendingBytes };
}
