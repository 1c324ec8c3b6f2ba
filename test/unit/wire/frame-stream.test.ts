import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { PassThrough, type Writable } from "node:stream";
import { describe, expect, it, vi } from "vitest";

import { FrameStream } from "../../../src/wire/frame-stream.js";
import { FrameError, MAX_FRAME_BYTES } from "../../../src/wire/frames.js";
import { eventually } from "./eventually.js";
import { socketPair } from "./socket-pair.js";

describe("FrameStream", () => {
  it("a frame stream carries frames both ways", async () => {
    const [near, far] = (await socketPair()).map(record) as [Recorded, Recorded];
    near.stream.send('{"from":"near"}');
    far.stream.send(Buffer.from('{"from":"far"}'));
    await eventually(() => expect([near.frames, far.frames]).toEqual([['{"from":"far"}'], ['{"from":"near"}']]));
    expect(near.activity).toBeGreaterThan(0);
  });

  it("a frame stream sends all frames of one tick in one write, in the same turn of the event loop", async () => {
    const output = new PassThrough();
    const write = vi.spyOn(output, "write");
    const stream = new FrameStream(new PassThrough(), output, silent());
    stream.send("1");
    stream.send(Buffer.from("2"));
    stream.send("3");
    expect(write).not.toHaveBeenCalled();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(write).toHaveBeenCalledTimes(1);
    expect(String(output.read())).toBe("1\n2\n3\n");
  });

  it("a frame stream carries a large frame through backpressure", async () => {
    const [near, far] = (await socketPair()).map(record) as [Recorded, Recorded];
    const large = "x".repeat(20_000_000);
    near.stream.send("before");
    expect(near.stream.send(large)).toBe(false);
    near.stream.send("behind");
    expect(near.stream.bufferedBytes).toBeGreaterThan(20_000_000);
    await eventually(() => expect(far.frames).toHaveLength(3));
    expect(far.frames[1] === large).toBe(true);
    expect([far.frames[0], far.frames[2]]).toEqual(["before", "behind"]);
  });

  it("a frame stream reports when the output is full, and when there is room again", async () => {
    const [near, far] = await socketPair();
    far.pause();
    const stream = new FrameStream(near, near, silent());
    while (stream.send("x".repeat(50_000)));
    let drained = 0;
    stream.onDrain(() => drained++);
    far.resume();
    await eventually(() => expect(drained).toBe(1));
    expect(stream.bufferedBytes).toBeLessThan(256 * 1024);
    stream.onDrain(() => drained++);
    await eventually(() => expect(drained).toBe(2));
  });

  it("a frame stream counts frames that wait for a full output as not having left", async () => {
    const [near, far] = await socketPair();
    far.pause();
    const stream = new FrameStream(near, near, silent());
    stream.send("x".repeat(5_000_000));
    await new Promise((resolve) => setImmediate(resolve));
    stream.send("never leaves");
    await new Promise((resolve) => setImmediate(resolve));
    expect([stream.framesSent, stream.framesLeft]).toEqual([2, 1]);
  });

  it("a frame stream flushes what was sent before it closes", async () => {
    const [near, far] = (await socketPair()).map(record) as [Recorded, Recorded];
    const large = "x".repeat(3_000_000);
    near.stream.send(large);
    near.stream.send("last words");
    near.stream.close();
    near.stream.close();
    expect(near.stream.closed).toBe(true);
    expect(near.stream.send("too late")).toBe(false);
    expect(await near.closed).toBeUndefined();
    expect(await far.closed).toBeUndefined();
    expect(far.frames.map((frame) => frame.length)).toEqual([large.length, 10]);
  });

  it("a frame stream drops everything and ends at once when it is closed with an error", async () => {
    const [near, far] = (await socketPair()).map(record) as [Recorded, Recorded];
    near.stream.send("dropped");
    near.stream.close(new Error("enough"));
    expect(await near.closed).toEqual(new Error("enough"));
    expect(await far.closed).toBeUndefined();
    expect(far.frames).toEqual([]);
    expect([near.stream.framesSent, near.stream.framesLeft]).toEqual([1, 0]);
  });

  it("a frame stream closes within its bound when the other side never reads", async () => {
    const [near, far] = await socketPair();
    far.pause();
    const stuck = record(near);
    stuck.stream.send("x".repeat(5_000_000));
    stuck.stream.close();
    expect(await stuck.closed).toBeUndefined();
    expect(near.destroyed).toBe(true);
  });

  it("a frame stream ends normally on the other side's end, and on a reset", async () => {
    const [near, far] = await socketPair();
    const recorded = record(near);
    far.destroy();
    recorded.stream.send("into the void");
    expect(await recorded.closed).toBeUndefined();
    expect(recorded.stream.framesLeft).toBe(0);
  });

  it("a frame stream reports a connection that ended in the middle of a message", async () => {
    const [near, far] = await socketPair();
    const recorded = record(near);
    far.end('{"whole":1}\n{"half":');
    expect(await recorded.closed).toEqual(
      new Error("The connection ended in the middle of a message, after 8 bytes of it."),
    );
    expect(recorded.frames).toEqual(['{"whole":1}']);
  });

  it("a frame stream flushes what it sent when the input ends", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const stream = new FrameStream(input, output, { ...silent(), onFrame: () => stream.send("answer") });
    input.end("question\n");
    expect(await readAll(output)).toBe("answer\n");
  });

  it("a frame stream still reads the output of a child that closed its input", async () => {
    const script = `exec <&-; echo deaf >&2; read go <&3; echo '{"last":"words"}'`;
    const child = spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "pipe", "pipe"] });
    await once(child.stderr, "data");
    const frames: string[] = [];
    const stream = new FrameStream(child.stdout, child.stdin, {
      onFrame: (raw) => frames.push(raw.toString()),
      onClose: (error) => frames.push(`closed: ${String(error)}`),
    });
    stream.send("never read");
    await eventually(() => expect(stream.closed).toBe(true));
    (child.stdio[3] as Writable).end("go\n");
    await eventually(() => expect(frames).toEqual(['{"last":"words"}', "closed: undefined"]));
    expect(stream.framesLeft).toBe(0);
  });

  it("a frame stream tells the other side that a message is too long while it is still writing it", async () => {
    const [near, far] = (await socketPair()).map(record) as [Recorded, Recorded];
    near.stream.send(Buffer.alloc(MAX_FRAME_BYTES + 20_000_000, "x"));
    await eventually(() => expect(near.frames).toHaveLength(1));
    expect(JSON.parse(near.frames[0] ?? "")).toMatchObject({
      id: null,
      error: { code: -32700, message: expect.stringContaining("limit of 64 MiB") as string },
    });
    expect(await near.closed).toBeUndefined();
    expect(await far.closed).toBeInstanceOf(FrameError);
    expect(far.frames).toEqual([]);
  });

  it("a frame stream ends the stream, not the process, when a handler throws", async () => {
    const [near, far] = await socketPair();
    const onClose = vi.fn();
    new FrameStream(near, near, {
      onFrame: () => {
        throw new TypeError("a bug");
      },
      onClose,
    });
    far.write("{}\n{}\n");
    await once(far.resume(), "close");
    expect(onClose.mock.calls).toEqual([[new TypeError("a bug")]]);
  });

  it("a frame stream calls back everything that waits for room when the stream ends", async () => {
    const [near, far] = await socketPair();
    far.pause();
    const { stream, closed } = record(near);
    while (stream.send("x".repeat(50_000)));
    const drained = new Promise<void>((resolve) => stream.onDrain(resolve));
    stream.close(new Error("enough"));
    await Promise.all([drained, closed]);
  });

  it("a frame stream stops reading while it is paused", async () => {
    const [near, far] = await socketPair();
    const { stream, frames } = record(near);
    stream.pause();
    far.write('{"a":1}\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(frames).toEqual([]);
    stream.resume();
    await eventually(() => expect(frames).toEqual(['{"a":1}']));
  });
});

interface Recorded {
  stream: FrameStream;
  frames: string[];
  readonly activity: number;
  closed: Promise<Error | undefined>;
}

function record(socket: Socket): Recorded {
  const frames: string[] = [];
  let activity = 0;
  let onClose: (error: Error | undefined) => void = () => {};
  const closed = new Promise<Error | undefined>((resolve) => (onClose = resolve));
  const stream = new FrameStream(socket, socket, {
    onFrame: (raw) => frames.push(raw.toString()),
    onActivity: () => activity++,
    onClose,
  });
  return {
    stream,
    frames,
    closed,
    get activity() {
      return activity;
    },
  };
}

function silent(): { onFrame: () => void; onClose: () => void } {
  return { onFrame: () => {}, onClose: () => {} };
}

async function readAll(stream: PassThrough): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
