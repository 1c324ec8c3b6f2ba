import { chmodSync, mkdirSync } from "node:fs";
import { afterEach, describe, expect, vi } from "vitest";

import { ensureDaemon } from "../../../../src/client/ensure.js";
import { FRESH } from "../../../../src/client/ensure-options.js";
import { OutcomeUnknownError, wasNeverDelivered } from "../../../../src/client/follow/delivery.js";
import {
  connectReconnecting,
  followDaemon,
  type ReconnectingClient,
  type ReconnectingOptions,
} from "../../../../src/client/follow/reconnecting-client.js";
import type { LinkState } from "../../../../src/client/follow/reconnecting-link.js";
import { STALL_MS } from "../../../../src/client/follow/stall.js";
import { LifecycleError } from "../../../../src/client/lifecycle-errors.js";
import { DirectoryError } from "../../../../src/state/directory.js";
import { tryLock } from "../../../../src/state/lock.js";
import { MAX_FRAME_BYTES, MessageTooLongError } from "../../../../src/wire/frames.js";
import { RequestTimeoutError } from "../../../../src/wire/peer.js";
import { lines, type ScriptedDaemon, type Script } from "../../../fixtures/daemons/scripted-daemon.js";
import { it as base } from "../../../fixtures/it/with-scripted-daemon.js";
import { eventually } from "../../wire/eventually.js";

afterEach(() => void vi.useRealTimers());

type More = Partial<ReconnectingOptions> & { hello?: Record<string, unknown> };

/** A client that reconnects, and the states of its link. */
interface Connected {
  client: ReconnectingClient;
  states: LinkState["state"][];
}

const it = base
  .extend(
    "listen",
    ({ startScripted }) =>
      (script: Partial<Script> = {}) =>
        startScripted({ hello, ...script }),
  )
  .extend("connect", ({ spec }, { onCleanup }) => {
    const clients: ReconnectingClient[] = [];
    onCleanup(() => {
      for (const client of clients) client.close();
    });
    return async ({ hello: more = {}, ...options }: More = {}): Promise<Connected> => {
      const states: Connected["states"] = [];
      const client = await connectReconnecting(spec, {
        client: {
          clientInfo: { name: "test", version: "1" },
          hello: { role: "library", pid: process.pid, ...more },
        },
        ...options,
        onState: (link) => {
          states.push(link.state);
          options.onState?.(link);
        },
      });
      clients.push(client);
      return { client, states };
    };
  });

function hello(experimental?: object): object {
  return {
    protocolVersion: "2025-11-25",
    serverInfo: { name: "scripted", version: "1.0.0" },
    capabilities: { experimental: { scripted: experimental } },
  };
}

const answers: NonNullable<Script["onCall"]> = (socket, { id }) => {
  socket.write(lines({ jsonrpc: "2.0", id, result: "done" }));
};
const HEARTBEAT = { jsonrpc: "2.0", method: "notifications/lockstep/heartbeat", params: { seq: 1 } };
const DRAINING = { jsonrpc: "2.0", method: "notifications/lockstep/draining", params: { reason: "test", by: "test" } };
const draining = (deadlineMs: number): object => ({ ...DRAINING, params: { ...DRAINING.params, deadlineMs } });

/** Only the timers: sockets stay as they are. */
const fakeTimers = (): void =>
  void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });

describe("what comes with the handshake's answer", () => {
  it("a reconnecting client gets what came in one packet with the answer to its handshake", async ({
    listen,
    connect,
  }) => {
    await listen({ onInitialize: (socket, answer) => socket.write(lines(answer, HEARTBEAT, draining(Date.now()))) });
    const heard: string[] = [];
    await connect({ onNotification: (method) => heard.push(method) });
    await eventually(() => expect(heard).toEqual([HEARTBEAT.method, DRAINING.method]));
  });

  it("a request to a daemon that announced its end with the handshake goes to the next one", async ({
    listen,
    connect,
  }) => {
    let first = true;
    const daemon = await listen({
      onInitialize: (socket, answer) => {
        socket.write(first ? lines(answer, draining(Date.now() + 5_000)) : lines(answer));
        if (first) setTimeout(() => socket.end(), 100);
        first = false;
      },
      onCall: answers,
    });
    const { client } = await connect();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await client.request("tools/call")).toBe("done");
    expect(daemon.calls).toBe(1);
    await eventually(() => expect(daemon.sockets.size).toBe(1));
  });

  it("a daemon that hangs up with its answer to the handshake is noticed", async ({ listen, connect }) => {
    let first = true;
    await listen({
      onInitialize: (socket, answer) => {
        if (first) socket.end(lines(answer));
        else socket.write(lines(answer));
        first = false;
      },
    });
    const { states } = await connect();
    await eventually(() => expect(states).toEqual(["connected", "reconnecting", "connected"]));
  });
});

describe("a request that takes longer than the bound for silence", () => {
  it("a request may take any time with a daemon that sends no heartbeats", async ({ listen, connect }) => {
    const daemon = await listen();
    const { client, states } = await connect();
    fakeTimers();
    const asked = client.request("tools/call");
    await eventually(() => expect(daemon.calls).toBe(1));
    await vi.advanceTimersByTimeAsync(10 * STALL_MS);
    daemon.send({ jsonrpc: "2.0", id: 1, result: "at last" });
    expect(await asked).toBe("at last");
    expect(states).toEqual(["connected"]);
  });

  it.for<[string, More, string | Buffer]>([
    ["Lockstep's notification", {}, lines(HEARTBEAT)],
    [
      "a log message",
      {},
      lines({ method: "notifications/message", params: { level: "debug", logger: "heartbeat", data: "alive" } }),
    ],
    ["raw bytes between frames", {}, Buffer.from([0xf0, 0x9f, 0x92, 0x93, 1, 2, 3, 4, 5, 6, 7, 8])],
  ])(
    "a request goes on while heartbeats come as %s, and ends 30 s after the last one with its outcome unknown",
    async ([_form, options, beat], { listen, connect }) => {
      const daemon = await listen();
      const { client } = await connect(options);
      fakeTimers();
      const outcome = client.request("tools/call").then(
        () => "answered",
        (error: unknown) => error,
      );
      await eventually(() => expect(daemon.calls).toBe(1));
      for (let beats = 0; beats < 3; beats++) {
        for (const socket of daemon.sockets) socket.write(beat);
        await vi.advanceTimersByTimeAsync(1); // The bytes are read meanwhile.
        await untilRead(daemon);
        await vi.advanceTimersByTimeAsync(STALL_MS - 1_000);
      }
      expect(await Promise.race([outcome, Promise.resolve("still waiting")])).toBe("still waiting");
      await vi.advanceTimersByTimeAsync(1_100);
      const error = await outcome;
      expect(error).toBeInstanceOf(OutcomeUnknownError);
      expect((error as Error).message).toContain("30 s");
    },
  );

  it("a daemon that says that it sends heartbeats is held to it from the beginning", async ({ listen, connect }) => {
    const daemon = await listen({ hello: () => hello({ heartbeatMs: 2_000 }) });
    const { client, states } = await connect();
    fakeTimers();
    const asked = client.request("tools/call").catch((error: unknown) => error);
    await eventually(() => expect(daemon.calls).toBe(1));
    await vi.advanceTimersByTimeAsync(STALL_MS + 100);
    expect(await asked).toBeInstanceOf(OutcomeUnknownError);
    expect(states.slice(0, 2)).toEqual(["connected", "reconnecting"]);
  });

  it("a daemon whose heartbeats are far apart may miss two of them", async ({ listen, connect }) => {
    const daemon = await listen({ hello: () => hello({ heartbeatMs: 60_000 }) });
    const { client } = await connect();
    fakeTimers();
    const asked = client.request("tools/call").catch((error: unknown) => error);
    await eventually(() => expect(daemon.calls).toBe(1));
    await vi.advanceTimersByTimeAsync(179_000);
    expect(await Promise.race([asked, Promise.resolve("still waiting")])).toBe("still waiting");
    await vi.advanceTimersByTimeAsync(1_100);
    expect(await asked).toBeInstanceOf(OutcomeUnknownError);
  });

  it("a reconnecting client asks for heartbeats itself", async ({ listen, connect, spec }) => {
    const daemon = await listen({ hello: () => hello() });
    await connect();
    const follower = followDaemon(spec, {
      client: { clientInfo: { name: "test", version: "1" }, hello: { role: "library", pid: 1 } },
    });
    await eventually(() => expect(daemon.heard.filter(({ method }) => method === "initialize")).toHaveLength(2));
    follower.close();
    for (const { params } of daemon.heard.filter(({ method }) => method === "initialize")) {
      expect(JSON.stringify(params)).toContain('"heartbeat":true');
    }
  });
});

describe("following", () => {
  const it = base
    .extend(
      "listen",
      ({ startScripted }) =>
        (script: Partial<Script> = {}) =>
          startScripted({ hello, ...script }),
    )
    .extend("follow", ({ spec }, { onCleanup }) => {
      const followers: ReconnectingClient[] = [];
      onCleanup(() => {
        for (const follower of followers) follower.close();
      });
      return () => {
        const links: LinkState[] = [];
        const client = {
          clientInfo: { name: "test", version: "1" },
          hello: { role: "library", pid: process.pid },
        } as const;
        const follower = followDaemon(spec, { client, onState: (link) => links.push(link) });
        followers.push(follower);
        return { follower, links, states: () => links.map(({ state }) => state) };
      };
    })
    .extend("aLook", ({ spec }) => async () => {
      const end = new AbortController();
      const client = {
        clientInfo: { name: "test", version: "1" },
        hello: { role: "library", pid: process.pid },
      } as const;
      const onWait = (): void => end.abort(new Error("it has looked"));
      const looking = ensureDaemon(spec, {
        ...FRESH,
        mayStart: false,
        client,
        report: () => undefined,
        onWait,
        signal: end.signal,
      });
      await expect(looking).rejects.toThrow("it has looked");
    })
    .extend("made", ({ spec }) => () => {
      const client = {
        clientInfo: { name: "test", version: "1" },
        hello: { role: "library", pid: process.pid },
      } as const;
      return ensureDaemon(spec, { ...FRESH, mayStart: false, client, report: () => undefined });
    });

  it("a follower reports once that no daemon runs, before the first and after each", async ({ listen, follow }) => {
    const { states } = follow();
    await eventually(() => expect(states()).toEqual(["absent"]));
    const daemon = await listen();
    await eventually(() => expect(states()).toEqual(["absent", "connected"]));
    daemon.close();
    await eventually(() => expect(states()).toEqual(["absent", "connected", "reconnecting", "absent"]));
  });

  it("a follower does not report an absence while another client restarts the daemon", async ({
    spec,
    follow,
    aLook,
  }) => {
    mkdirSync(spec.paths.dir, { recursive: true, mode: 0o700 });
    const lock = tryLock(spec.paths.restartLock);
    const { states } = follow();
    await aLook();
    expect(states()).toEqual([]);
    lock?.release();
    await eventually(() => expect(states()).toEqual(["absent"]));
  });

  it("a follower reports that a daemon it could not use is gone", async ({ listen, follow }) => {
    const mute = await listen({ onInitialize: (socket) => void socket.write("this is no MCP\n") });
    const { states } = follow();
    await eventually(() => expect(states()[0]).toBe("refused"));
    mute.close();
    await eventually(() => expect(states().at(-1)).toBe("absent"));
  });

  it("a follower reports a directory that it must not use", async ({ spec, follow }) => {
    mkdirSync(spec.paths.dir, { recursive: true });
    chmodSync(spec.paths.dir, 0o777);
    const { links } = follow();
    await eventually(() =>
      expect(links.map((link) => "error" in link && link.error)[0]).toBeInstanceOf(DirectoryError),
    );
  });

  it("a follower that looks again does so at once, and reports what it finds once more", async ({ follow }) => {
    const { follower, states } = follow();
    await eventually(() => expect(states()).toEqual(["absent"]));
    follower.lookAgain();
    await eventually(() => expect(states()).toEqual(["absent", "absent"]));
  });

  it("a connection that is handed to a follower is reported at once, and its end too", async ({
    listen,
    follow,
    made,
  }) => {
    const daemon = await listen();
    const connection = await made();
    const { follower, states } = follow();
    follower.adopt(connection);
    expect(states()).toEqual(["connected"]);
    expect(follower.identity).toBe(connection.identity);
    daemon.hangUp();
    await eventually(() => expect(states().slice(0, 2)).toEqual(["connected", "reconnecting"]));
  });

  it("a connection that is handed to a follower takes the place of the one to an earlier daemon", async ({
    listen,
    follow,
    made,
  }) => {
    const old = await listen({ hello: () => hello({ pid: 1 }) });
    const { follower, states } = follow();
    await eventually(() => expect(states()).toEqual(["connected"]));
    old.forget();
    await listen({ hello: () => hello({ pid: 2 }) });
    follower.adopt(await made());
    expect(states()).toEqual(["connected", "connected"]);
    expect(follower.identity?.pid).toBe(2);
    await eventually(() => expect(old.sockets.size).toBe(0));
    expect(states()).toEqual(["connected", "connected"]);
  });

  it("a second connection to the same daemon that is handed to a follower is closed", async ({
    listen,
    follow,
    made,
  }) => {
    const daemon = await listen({ hello: () => hello({ pid: 1 }) });
    const { follower, states } = follow();
    await eventually(() => expect(states()).toEqual(["connected"]));
    follower.adopt(await made());
    await eventually(() => expect(daemon.sockets.size).toBe(1));
    expect(states()).toEqual(["connected"]);
  });
});

describe("close", () => {
  it("close during a reconnect is final: no other state follows, and the connection that comes up is closed", async ({
    listen,
    connect,
    spec,
  }) => {
    const daemon = await listen();
    const { client, states } = await connect();
    daemon.close();
    await eventually(() => expect(states).toEqual(["connected", "reconnecting", "absent"]));
    let answer = (): void => undefined;
    const next = await listen({
      onInitialize: (socket, result) => (answer = () => void socket.write(lines(result))),
    });
    await eventually(() => expect(next.heard).toHaveLength(1));
    client.close();
    answer();
    await eventually(() => expect(next.sockets.size).toBe(0));
    expect(states).toEqual(["connected", "reconnecting", "absent", "closed"]);
    expect(client.identity).toBeUndefined();
    await expect(client.request("tools/call")).rejects.toThrow("the client was closed");
    expect(spec.name).toBe("scripted");
  });

  it("close ends the requests that wait for a connection", async ({ listen, connect }) => {
    const daemon = await listen();
    const { client } = await connect();
    daemon.send(draining(Date.now() + 60_000));
    await ping(daemon);
    const waiting = client.request("tools/call");
    client.close();
    await expect(waiting).rejects.toThrow("the client was closed");
  });
});

describe("timeoutMs and signal", () => {
  it("timeoutMs bounds the wait for a connection, and the error says that nothing was sent", async ({
    listen,
    connect,
  }) => {
    const daemon = await listen();
    const { client } = await connect();
    daemon.send(draining(Date.now() + 600_000));
    await ping(daemon);
    const error = await client.request("tools/call", {}, { timeoutMs: 50 }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RequestTimeoutError);
    expect((error as Error).message).toContain("could not be sent");
    expect(wasNeverDelivered(error)).toBe(true);
    expect(daemon.calls).toBe(0);
  });

  it("timeoutMs bounds the answer, and the request is cancelled", async ({ listen, connect }) => {
    const daemon = await listen();
    const { client } = await connect();
    const error = await client.request("tools/call", {}, { timeoutMs: 50 }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RequestTimeoutError);
    expect(wasNeverDelivered(error)).toBe(false);
    await eventually(() =>
      expect(daemon.heard.at(-1)).toMatchObject({
        method: "notifications/cancelled",
        params: { requestId: 1, reason: "timeout" },
      }),
    );
  });

  it("a signal ends the wait for a connection with its reason", async ({ listen, connect }) => {
    const daemon = await listen();
    const { client } = await connect();
    daemon.send(draining(Date.now() + 600_000));
    await ping(daemon);
    const abort = new AbortController();
    const asked = client.request("tools/call", {}, { signal: abort.signal });
    abort.abort(new Error("changed my mind"));
    await expect(asked).rejects.toThrow("changed my mind");
    await expect(client.request("tools/call", {}, { signal: abort.signal })).rejects.toThrow("changed my mind");
  });
});

describe("a connection that was lost", () => {
  it("fifty requests at once without a connection share one reconnect", async ({ listen, connect }) => {
    const daemon = await listen({ onCall: answers });
    let all: Promise<unknown[]> | undefined;
    const { client } = await connect({
      onState: ({ state }) => {
        if (state !== "reconnecting") return;
        all = Promise.all(Array.from({ length: 50 }, () => client.request("tools/call")));
      },
    });
    daemon.hangUp();
    await eventually(() => expect(all).toBeDefined());
    expect(await all).toEqual(Array(50).fill("done"));
    // The first one, the requests', and the passive one that had just begun.
    expect(daemon.connections).toBeLessThanOrEqual(3);
    await eventually(() => expect(daemon.sockets.size).toBe(1));
  });

  it("a connection that refuses requests is given up without harm to the calls that are open on it", async ({
    listen,
    connect,
  }) => {
    const refusal = { code: -32001, message: "draining", data: { delivered: false } };
    let answerFirst = (): void => undefined;
    const daemon = await listen({
      onCall: (socket, call, nth) => {
        if (nth === 1) answerFirst = () => answers(socket, call, nth);
        else if (nth === 2) socket.write(lines({ jsonrpc: "2.0", id: call.id, error: refusal }));
        else answers(socket, call, nth);
      },
    });
    const { client } = await connect();
    const open = client.request("tools/call");
    await eventually(() => expect(daemon.calls).toBe(1));
    expect(await client.request("tools/call")).toBe("done");
    answerFirst();
    expect(await open).toBe("done");
    await eventually(() => expect(daemon.sockets.size).toBe(1));
  });

  it("a request that the daemon did not read before it ended is sent to the next one, and one that it read is not", async ({
    listen,
    connect,
  }) => {
    const daemon = await listen({
      onCall: (socket, call, nth) => {
        if (nth === 1) return; // Until the second one is there as well.
        if (nth > 2) return answers(socket, call, nth);
        // Hello, "initialized" and the first call.
        socket.end(lines({ method: "notifications/lockstep/ended", params: { received: 3 } }));
      },
    });
    const { client } = await connect();
    const read = client.request("tools/call", { name: "read" }).catch((error: unknown) => error);
    const unread = client.request("tools/call", { name: "unread" });
    expect(await unread).toBe("done");
    expect(await read).toBeInstanceOf(OutcomeUnknownError);
    expect(daemon.heard.filter(({ method }) => method === "tools/call").map(({ params }) => params?.["name"])).toEqual([
      "read",
      "unread",
      "unread",
    ]);
  });

  it("a client that only follows refuses a request while no daemon runs", async ({ spec }) => {
    const follower = followDaemon(spec, {
      client: { clientInfo: { name: "test", version: "1" }, hello: { role: "library", pid: process.pid } },
    });
    await expect(follower.request("tools/call")).rejects.toBeInstanceOf(LifecycleError);
    follower.close();
  });

  it("a message over the limit fails alone, and is not sent again", async ({ listen, connect }) => {
    const daemon = await listen({ onCall: (socket, call) => void setTimeout(() => answers(socket, call, 1), 50) });
    const { client, states } = await connect();
    const other = client.request("tools/call");
    const large = client.request("tools/call", { text: "x".repeat(MAX_FRAME_BYTES) });
    await expect(large).rejects.toBeInstanceOf(MessageTooLongError);
    expect(await other).toBe("done");
    expect([daemon.calls, states]).toEqual([1, ["connected"]]);
  });

  it("an exception of the program's state callback does not keep the link from reconnecting", async ({
    listen,
    connect,
  }) => {
    const uncaught = vi.fn();
    process.prependOnceListener("uncaughtException", uncaught);
    const listeners = process.rawListeners("uncaughtException");
    process.removeAllListeners("uncaughtException").on("uncaughtException", uncaught);
    try {
      const daemon = await listen({ onCall: answers });
      const { client } = await connect({
        onState: ({ state }) => {
          if (state === "reconnecting") throw new Error("a bug of the program");
        },
      });
      daemon.hangUp();
      await eventually(() =>
        expect(uncaught).toHaveBeenCalledWith(new Error("a bug of the program"), expect.anything()),
      );
      expect(await client.request("tools/call")).toBe("done");
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) {
        if (listener !== uncaught) process.on("uncaughtException", listener as (error: Error) => void);
      }
    }
  });
});

/** Resolves when every client has answered a ping, and so has read everything before it. */
async function ping(daemon: ScriptedDaemon): Promise<void> {
  const before = daemon.heard.length;
  daemon.send({ jsonrpc: "2.0", id: 99, method: "ping" });
  await eventually(() => expect(daemon.heard.slice(before).some(({ id }) => id === 99)).toBe(true));
}

/** The same, while timers are faked. */
async function untilRead(daemon: ScriptedDaemon): Promise<void> {
  const before = daemon.heard.length;
  daemon.send({ jsonrpc: "2.0", id: 98, method: "ping" });
  while (!daemon.heard.slice(before).some(({ id }) => id === 98)) await new Promise((resolve) => setImmediate(resolve));
}
