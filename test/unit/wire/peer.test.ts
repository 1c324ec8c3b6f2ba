import { PassThrough } from "node:stream";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { MAX_FRAME_BYTES, MessageTooLongError } from "../../../src/wire/frames.js";
import { Peer, PeerClosedError, RequestTimeoutError } from "../../../src/wire/peer.js";
import { RpcError } from "../../../src/wire/rpc-error.js";
import { eventually } from "./eventually.js";
import { socketPair } from "./socket-pair.js";

describe("Peer", () => {
  it("a peer sends and answers requests in both directions at once", async () => {
    const [near, far] = await socketPair();
    const asker = new Peer(near, near, { onRequest: (method) => ({ near: method }) });
    const answerer = new Peer(far, far, { onRequest: async (method, params) => ({ method, params }) });
    const answers = await Promise.all([
      asker.request("a", { x: 1 }),
      asker.request("b"),
      answerer.request("c"),
      asker.request("ping"),
    ]);
    expect(answers).toEqual([{ method: "a", params: { x: 1 } }, { method: "b" }, { near: "c" }, {}]);
  });

  it("a peer answers ping itself, and knows no other method without a handler", async () => {
    const { peer } = await peerAndWire({ echo: true });
    expect(await peer.request("ping")).toEqual({});
    await expect(peer.request("tools/list")).rejects.toEqual(new RpcError(-32601, "Method not found: tools/list"));
  });

  it.each([
    [
      new RpcError(-32001, "draining", { delivered: false }),
      { code: -32001, message: "draining", data: { delivered: false } },
    ],
    [new TypeError("a bug"), { code: -32603, message: "a bug" }],
  ])("a peer answers with the error that a handler throws: %s", async (thrown, expected) => {
    const [near, far] = await socketPair();
    const asker = new Peer(near, near);
    new Peer(far, far, { onRequest: () => Promise.reject(thrown) });
    await expect(asker.request("x")).rejects.toMatchObject({ name: "RpcError", ...expected });
  });

  it("a peer turns any error answer into an RpcError, however malformed", async () => {
    const { peer, answer } = await peerAndWire();
    const asked = [peer.request("a"), peer.request("b"), peer.request("c")];
    answer({ id: 1, error: { code: 5, message: "five", data: [5] } });
    answer({ id: 2, error: "broken" });
    answer({ id: 3, error: {} });
    const reasons = (await Promise.allSettled(asked)).map(
      (outcome) => outcome.status === "rejected" && (outcome.reason as unknown),
    );
    expect(reasons).toEqual([
      new RpcError(5, "five", [5]),
      new RpcError(-32603, 'The answer\'s error is malformed: "broken"'),
      new RpcError(-32603, ""),
    ]);
  });

  it("a peer passes on notifications, and ignores them without a handler", async () => {
    const { peer, answer } = await peerAndWire();
    answer({ method: "notifications/unheard" });
    const onNotification = vi.fn();
    const heardOut = peer.request("x");
    answer({ id: 1, result: {} });
    await heardOut;
    peer.setHandlers({ onNotification });
    answer({ method: "notifications/a", params: { x: 1 } });
    answer({ method: "notifications/progress", params: { progressToken: "not ours", progress: 1 } });
    await eventually(() => expect(onNotification).toHaveBeenCalledTimes(2));
    expect(onNotification.mock.calls[0]).toEqual(["notifications/a", { x: 1 }]);
  });

  it("a peer reports the progress of its own requests", async () => {
    const { peer, sent, answer } = await peerAndWire();
    const progress: unknown[] = [];
    const asked = peer.request("x", { a: 1, _meta: { b: 2 } }, { onProgress: (step) => progress.push(step) });
    await eventually(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toMatchObject({ params: { a: 1, _meta: { b: 2, progressToken: 1 } } });
    answer({
      method: "notifications/progress",
      params: { progressToken: 1, progress: 0.5, total: 1, message: "half" },
    });
    answer({ method: "notifications/progress", params: { progressToken: 1, progress: 1 } });
    answer({ id: 1, result: {} });
    await asked;
    expect(progress).toEqual([{ progress: 0.5, total: 1, message: "half" }, { progress: 1 }]);
  });

  it("a peer times out, cancels the request, and ignores the late answer", async () => {
    const { peer, sent, answer } = await peerAndWire();
    await expect(peer.request("slow", {}, { timeoutMs: 20 })).rejects.toEqual(new RequestTimeoutError("slow", 20));
    await eventually(() => expect(sent).toHaveLength(2));
    expect(sent[1]).toMatchObject({ method: "notifications/cancelled", params: { requestId: 1, reason: "timeout" } });
    answer({ id: 1, result: "late" });
    const next = peer.request("next");
    answer({ id: 2, result: "in time" });
    expect(await next).toBe("in time");
  });

  it("a peer cancels on abort, and does not send a request that was aborted before", async () => {
    const { peer, sent } = await peerAndWire();
    const abort = new AbortController();
    const asked = peer.request("x", {}, { signal: abort.signal });
    abort.abort(new Error("changed my mind"));
    await expect(asked).rejects.toThrow("changed my mind");
    await expect(peer.request("y", {}, { signal: abort.signal })).rejects.toThrow("changed my mind");
    await eventually(() => expect(sent.map(({ method }) => method)).toEqual(["x", "notifications/cancelled"]));
  });

  it("a peer never cancels initialize", async () => {
    const { peer, sent } = await peerAndWire();
    await expect(peer.request("initialize", {}, { timeoutMs: 20 })).rejects.toBeInstanceOf(RequestTimeoutError);
    peer.notify("notifications/last");
    await eventually(() => expect(sent.map(({ method }) => method)).toEqual(["initialize", "notifications/last"]));
  });

  it("a peer rejects open requests as delivered when the other side hangs up", async () => {
    const { peer, far, sent, onClose } = await peerAndWire();
    const asked = peer.request("x");
    await eventually(() => expect(sent).toHaveLength(1));
    far.destroy();
    await expect(asked).rejects.toEqual(new PeerClosedError("x: the connection ended before it was answered.", true));
    await expect(asked).rejects.toMatchObject({ delivered: true });
    expect(peer.closed).toBe(true);
    await eventually(() => expect(onClose.mock.calls).toEqual([[undefined]]));
  });

  it("a peer rejects a request as not delivered when the connection was closed before", async () => {
    const { peer } = await peerAndWire();
    peer.close();
    const late = peer.request("x");
    await expect(late).rejects.toThrow("x: the connection ended before it was sent.");
    await expect(late).rejects.toMatchObject({ delivered: false });
  });

  it("a peer rejects a request as not delivered when the other side had gone before it was written", async () => {
    const [near, far] = await socketPair();
    const peer = new Peer(near, near);
    near.pause(); // The news of the end is not read, as when both happen in one turn of the event loop.
    far.destroy();
    await new Promise((resolve) => far.once("close", resolve));
    await expect(peer.request("x")).rejects.toMatchObject({ name: "PeerClosedError", delivered: false });
  });

  it("a peer rejects a request as not delivered when the connection is closed with an error in the same tick", async () => {
    const { peer } = await peerAndWire();
    const asked = peer.request("x");
    peer.close(new Error("enough"));
    await expect(asked).rejects.toThrow("x: the connection ended before it was sent: enough");
    await expect(asked).rejects.toMatchObject({ delivered: false, cause: new Error("enough") });
  });

  it("a peer names the reason that the other side gave before it hung up", async () => {
    const { peer, far } = await peerAndWire();
    const asked = peer.request("x");
    far.end('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"A message is not JSON."}}\n');
    await expect(asked).rejects.toThrow("x: the connection ended before it was answered: A message is not JSON.");
  });

  it.each(["not json", "[]", "7", '"text"', "null"])(
    "a peer ends the connection on %s, and says why",
    async (bytes) => {
      const { far, sent, onClose } = await peerAndWire();
      far.write(`${bytes}\n`);
      await eventually(() => expect(onClose).toHaveBeenCalled());
      expect(onClose.mock.calls[0]?.[0]).toMatchObject({ name: "FrameError" });
      expect(sent[0]).toMatchObject({
        id: null,
        error: { message: expect.stringContaining("A message is not") as string },
      });
    },
  );

  it("a peer ignores answers to requests that it did not send", async () => {
    const { peer, answer } = await peerAndWire();
    for (const id of [99, "1", null]) answer({ id, result: {} });
    const asked = peer.request("x");
    answer({ id: 1, result: 1 });
    expect(await asked).toBe(1);
  });

  it("a peer counts raw heartbeats as activity", async () => {
    const [near, far] = await socketPair();
    const onActivity = vi.fn();
    new Peer(near, near, { onActivity });
    far.write(Buffer.from([0xf0, 0x9f, 0x92, 0x93, 1, 2, 3, 4, 5, 6, 7, 8]));
    await eventually(() => expect(onActivity).toHaveBeenCalled());
  });

  it("a peer sends a notification and a request of one tick in one write", async () => {
    const output = new PassThrough();
    const peer = new Peer(new PassThrough(), output);
    peer.notify("notifications/initialized");
    peer.request("tools/list").catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    const bytes = output.read() as Buffer;
    expect(bytes.toString().trimEnd().split("\n")).toHaveLength(2);
    peer.close(new Error("done"));
  });

  it("a peer rejects a request that cannot be written as JSON", async () => {
    const { peer } = await peerAndWire();
    await expect(peer.request("x", { big: 1n })).rejects.toThrow(TypeError);
  });

  it("a peer without handlers holds notifications, and gives them to its first handlers in their order", async () => {
    const { peer, answer, far } = await peerAndWire({ handlers: false });
    const first = peer.request("x");
    far.write(
      ['{"id":1,"result":{}}', '{"method":"notifications/a"}', '{"method":"notifications/b","params":{"x":1}}']
        .map((line) => `${line}\n`)
        .join(""),
    );
    await first;
    const onNotification = vi.fn();
    peer.setHandlers({ onNotification });
    answer({ method: "notifications/c" });
    await eventually(() => expect(onNotification).toHaveBeenCalledTimes(3));
    expect(onNotification.mock.calls).toEqual([
      ["notifications/a", undefined],
      ["notifications/b", { x: 1 }],
      ["notifications/c", undefined],
    ]);
  });

  it("a peer reports an end that came before its first handlers", async () => {
    const { peer, far } = await peerAndWire({ handlers: false });
    const asked = peer.request("x");
    far.destroy();
    await expect(asked).rejects.toThrow("ended");
    const onClose = vi.fn();
    peer.setHandlers({ onClose });
    await eventually(() => expect(onClose.mock.calls).toEqual([[undefined]]));
  });

  it("a released connection gives its stream what was held, and then every frame", async () => {
    const { peer, far, answer, sent } = await peerAndWire({ handlers: false });
    const first = peer.request("x");
    far.write('{"id":1,"result":{}}\n{"method":"notifications/held"}\n');
    await first;
    const frames: string[] = [];
    const onClose = vi.fn();
    const stream = peer.release({ onFrame: (raw) => frames.push(raw.toString()), onClose });
    answer({ id: 7, method: "ping" });
    await eventually(() => expect(frames).toHaveLength(2));
    expect(frames.map((frame) => (JSON.parse(frame) as { method: string }).method)).toEqual([
      "notifications/held",
      "ping",
    ]);
    stream.send('{"id":7,"result":"by the stream"}');
    await eventually(() => expect(sent.at(-1)).toEqual({ id: 7, result: "by the stream" }));
    far.end();
    await eventually(() => expect(onClose).toHaveBeenCalledTimes(1));
  });

  it("a connection with an open request cannot be released", async () => {
    const { peer } = await peerAndWire();
    peer.request("x").catch(() => {});
    expect(() => peer.release({ onFrame: () => {}, onClose: () => {} })).toThrow("1 open request");
  });

  it("a peer rejects as not delivered what the daemon had not read when it ended", async () => {
    const { peer, far, sent } = await peerAndWire();
    const read = peer.request("read");
    const unread = peer.request("unread");
    await eventually(() => expect(sent).toHaveLength(2));
    far.end('{"method":"notifications/lockstep/ended","params":{"received":1}}\n');
    await expect(read).rejects.toMatchObject({ name: "PeerClosedError", delivered: true });
    await expect(unread).rejects.toMatchObject({ name: "PeerClosedError", delivered: false });
  });

  it("a peer sends nothing more on a connection that the daemon has ended", async () => {
    const { peer, far } = await peerAndWire();
    const onNotification = vi.fn();
    peer.setHandlers({ onNotification });
    far.write('{"method":"notifications/lockstep/ended","params":{"received":0}}\n{"method":"notifications/last"}\n');
    await eventually(() => expect(onNotification).toHaveBeenCalledWith("notifications/last", undefined));
    await expect(peer.request("late")).rejects.toMatchObject({ delivered: false });
  });

  it("a peer reads what was sent before a hang-up even when its own write is what notices the hang-up", async () => {
    const { peer, far, sent } = await peerAndWire();
    const answered = peer.request("answered");
    await eventually(() => expect(sent).toHaveLength(1));
    // All in one turn of the event loop, as in a program that is busy while the daemon ends.
    far.end('{"jsonrpc":"2.0","id":1,"result":"in time"}\n');
    far.destroy();
    const late = peer.request("late");
    expect(await answered).toBe("in time");
    await expect(late).rejects.toMatchObject({ name: "PeerClosedError", delivered: false });
  });

  it("a message over the limit is refused before it is sent, and nothing else on the connection is harmed", async () => {
    const [near, far] = await socketPair();
    const peer = new Peer(near, near);
    new Peer(far, far, { onRequest: () => new Promise((resolve) => setTimeout(resolve, 50, "done")) });
    const other = peer.request("other");
    const text = "x".repeat(MAX_FRAME_BYTES);
    const error = await peer.request("large", { text }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: "MessageTooLongError", delivered: false });
    expect((error as Error).message).toContain("64 MiB");
    expect(() => peer.notify("large", { text })).toThrow(MessageTooLongError);
    expect(await other).toBe("done");
    expect(peer.closed).toBe(false);
  });

  it("a result that is too long is answered with an error that says so", async () => {
    const [near, far] = await socketPair();
    const peer = new Peer(near, near);
    new Peer(far, far, { onRequest: () => "x".repeat(MAX_FRAME_BYTES) });
    await expect(peer.request("x")).rejects.toThrow("64 MiB");
    expect(peer.closed).toBe(false);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const hostile = {
    toString: () => {
      throw new Error("no");
    },
  };

  it.each<[string, () => unknown, string]>([
    ["returns a BigInt", () => ({ big: 1n }), "BigInt"],
    ["returns a circle", () => cyclic, "circular"],
    ["returns a function", () => () => 1, "no JSON value"],
    ["returns a symbol", () => Symbol("s"), "no JSON value"],
    ["returns an object whose toJSON throws", () => ({ toJSON: () => hostile.toString() }), "no"],
    ["throws a string", () => fails("plain text"), "plain text"],
    ["throws nothing", () => fails(undefined), "undefined"],
    ["throws a symbol", () => fails(Symbol("s")), "Symbol(s)"],
    ["throws an object with a message", () => fails({ message: "like an error" }), "like an error"],
    ["throws an object without a prototype", () => fails(Object.create(null)), "no text"],
    ["throws an object that cannot be shown", () => fails(hostile), "no text"],
    ["throws a revoked proxy", () => fails(revoked), "no text"],
    ["throws an error with data that is no JSON", () => fails(new RpcError(5, "with data", { big: 1n })), "with data"],
    ["throws an error without a proper code", () => fails(new RpcError(NaN, "no code")), "no code"],
  ])("a handler that %s is answered with an error, and the connection goes on", async (_how, onRequest, message) => {
    const [near, far] = await socketPair();
    const peer = new Peer(near, near);
    new Peer(far, far, { onRequest: (method) => (method === "good" ? "fine" : onRequest()) });
    await expect(peer.request("odd")).rejects.toMatchObject({
      name: "RpcError",
      code: expect.any(Number) as number,
      message: expect.stringContaining(message) as string,
    });
    expect(await peer.request("good")).toBe("fine");
  });

  it.each<[string, () => unknown]>([
    ["throws", () => fails(hostile)],
    ["rejects later", () => Promise.reject(new Error("later"))],
  ])("a notification handler that %s ends its connection, and not the process", async (_how, onNotification) => {
    const [near, far] = await socketPair();
    const onClose = vi.fn();
    new Peer(near, near, { onNotification, onClose });
    far.write('{"method":"notifications/a"}\n');
    await eventually(() => expect(onClose).toHaveBeenCalledWith(expect.any(Error)));
  });
});

function fails(thrown: unknown): never {
  throw thrown;
}

/** A peer over one end of a socket, and what it writes at the other; with `echo` another peer is there. */
async function peerAndWire({ echo = false, handlers = true } = {}) {
  const [near, far] = await socketPair();
  const onClose = vi.fn();
  const peer = handlers ? new Peer(near, near, { onClose }) : new Peer(near, near);
  onTestFinished(() => peer.close(new Error("the test is over")));
  const sent: { method?: string }[] = [];
  if (echo) new Peer(far, far);
  else {
    let text = "";
    far.on("data", (chunk: Buffer) => {
      const lines = (text + chunk.toString()).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) sent.push(JSON.parse(line) as { method?: string });
    });
  }
  const answer = (message: object): boolean => far.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\n");
  return { peer, far, sent, answer, onClose };
}
