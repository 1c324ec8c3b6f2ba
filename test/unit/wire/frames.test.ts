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

  it("cuts a stream into frames and takes out raw heartbeats", () => {
    expect(decode([stream])).toEqual(whole);
  });

  it("does not care where the stream is split", () => {
    for (let at = 0; at <= stream.length; at++) {
      expect(decode([stream.subarray(0, at), stream.subarray(at)]), `split at ${at}`).toEqual(whole);
    }
    expect(decode([...stream].map((byte) => Buffer.of(byte)))).toEqual(whole);
  });

  it("does not care where the stream is split twice", () => {
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second += 3) {
        const parts = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)];
        expect(decode(parts), `split at ${first} and ${second}`).toEqual(whole);
      }
    }
  });

  it("tells how much of an unfinished frame has come", () => {
    expect(decode([Buffer.from('{"a":1}\n{"b"')])).toMatchObject({ frames: ['{"a":1}'], pendingBytes: 4 });
    expect(decode([HEARTBEAT.subarray(0, 7)])).toMatchObject({ frames: [], pendingBytes: 7 });
  });

  it("takes another four-byte character for the start of a (broken) frame", () => {
    const rocket = Buffer.from("🚀 launched\n");
    for (let at = 0; at <= rocket.length; at++) {
      expect(decode([rocket.subarray(0, at), rocket.subarray(at)])).toMatchObject({ frames: ["🚀 launched"] });
    }
  });

  it("joins a large frame of many chunks once", () => {
    const chunk = Buffer.alloc(4096, "x");
    const frames: number[] = [];
    const decoder = new FrameDecoder((raw) => frames.push(raw.length));
    for (let i = 0; i < 10_000; i++) decoder.push(chunk);
    decoder.push(Buffer.from("\n"));
    expect(frames).toEqual([40_960_000]);
  });

  it("takes a frame of exactly 64 MiB", () => {
    const frames: number[] = [];
    const decoder = new FrameDecoder((raw) => frames.push(raw.length));
    decoder.push(Buffer.alloc(MAX_FRAME_BYTES, "x"));
    decoder.push(Buffer.from("\n"));
    expect(frames).toEqual([64 * 1024 * 1024]);
  });

  it("refuses a longer frame as soon as it grows over the limit, and says what to do", () => {
    const decoder = new FrameDecoder(() => expect.unreachable());
    const chunk = Buffer.alloc(1024 * 1024, "x");
    for (let mebibytes = 0; mebibytes < 64; mebibytes++) decoder.push(chunk);
    const pushOne = (): void => decoder.push(Buffer.from("x"));
    expect(pushOne).toThrow(FrameError);
    expect(decoder.pendingBytes).toBe(0);
  });

  it("names the limit, and a way round it, when it refuses a frame", () => {
    const decoder = new FrameDecoder(() => expect.unreachable());
    expect(() => decoder.push(Buffer.alloc(MAX_FRAME_BYTES + 1, "x"))).toThrow(
      "A message is longer than the limit of 64 MiB (67108864 bytes a line). Send large data in parts, " +
        "or pass a file's path or a resource link instead of its content.",
    );
  });
});

function decode(chunks: Buffer[]): { frames: string[]; pendingBytes: number } {
  const frames: string[] = [];
  const decoder = new FrameDecoder((raw) => frames.push(raw.toString()));
  for (const chunk of chunks) decoder.push(chunk);
  return { frames, pendingBytes: decoder.pendingBytes };
}
