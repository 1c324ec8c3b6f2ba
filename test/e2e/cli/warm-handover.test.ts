import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { resolve } from "node:path";
import { expect } from "vitest";

import { lines, ScriptedDaemon, type Script } from "../../fixtures/daemons/scripted-daemon.js";
import { it as base } from "../../fixtures/it/with-box.js";

const it = base
  .extend("listen", ({ box }, { onCleanup }) => {
    let daemon: ScriptedDaemon | undefined;
    onCleanup(() => daemon?.close());
    return async (onCall: NonNullable<Script["onCall"]>) =>
      (daemon = await ScriptedDaemon.start(box.dir, { hello, onCall }));
  })
  .extend("call", ({ box }) => {
    return () => box.run(["call", "any", "tool"]);
  });

const HEARTBEAT = { jsonrpc: "2.0", method: "notifications/lockstep/heartbeat", params: { seq: 1 } };
const answer = (id: number | string | undefined) => ({
  jsonrpc: "2.0",
  id,
  result: { content: [{ type: "text", text: "done" }] },
});

function hello(): object {
  const info = JSON.parse(readFileSync("dist/build-info.json", "utf8")) as { version: string };
  const identity = { ...info, installRoot: resolve("dist"), pid: process.pid };
  return {
    protocolVersion: "2025-11-25",
    serverInfo: { name: "lockstep", version: info.version },
    capabilities: { experimental: { lockstep: identity } },
  };
}

it("a response that arrives alone is printed", async ({ listen, call }) => {
  await listen((socket, { id }) => socket.write(lines(answer(id))));
  expect(await call()).toMatchObject({ code: 0, stdout: "done\n", stderr: "" });
});

it.for<[string, (socket: Socket, id: number | string | undefined) => void]>([
  ["a heartbeat glued before the answer", (socket, id) => socket.write(lines(HEARTBEAT, answer(id)))],
  ["a heartbeat glued behind the answer", (socket, id) => socket.write(lines(answer(id), HEARTBEAT))],
  [
    "a heartbeat, and the answer later",
    (socket, id) => {
      socket.write(lines(HEARTBEAT));
      setTimeout(() => socket.write(lines(answer(id))), 50);
    },
  ],
  [
    "half an answer, and the rest after the short way gave up",
    (socket, id) => {
      const whole = lines(answer(id));
      socket.write(whole.slice(0, 30));
      setTimeout(() => socket.write(whole.slice(30)), 1_500);
    },
  ],
])("%s: no byte of it is lost", async ([_title, send], { listen, call }) => {
  const daemon = await listen((socket, { id }) => send(socket, id));
  expect(await call()).toMatchObject({ code: 0, stdout: "done\n", stderr: "" });
  expect(daemon.calls).toBe(1);
});

it("a request from the server is answered during a call", async ({ listen, call }) => {
  const daemon = await listen((socket, { id }) => {
    socket.write(lines({ jsonrpc: "2.0", id: 77, method: "ping" }));
    const wait = setInterval(() => {
      if (!daemon.heard.some((message) => message.id === 77 && message.result !== undefined)) return;
      clearInterval(wait);
      socket.write(lines(answer(id)));
    }, 10);
  });
  expect(await call()).toMatchObject({ code: 0, stdout: "done\n" });
});

it("a connection that ends before the response is an unknown outcome", async ({ listen, call }) => {
  const daemon = await listen((socket) => socket.end());
  const result = await call();
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toContain("outcome unknown");
  expect(daemon.calls).toBe(1);
});

const ENDED = { jsonrpc: "2.0", method: "notifications/lockstep/ended" };

it("a call that the daemon did not read before it ended is made again", async ({ listen, call }) => {
  // Hello and "initialized" were read; the call was on its way.
  const daemon = await listen((socket, { id }, nth) => {
    if (nth === 1) socket.end(lines({ ...ENDED, params: { received: 2 } }));
    else socket.write(lines(answer(id)));
  });
  expect(await call()).toMatchObject({ code: 0, stdout: "done\n" });
  expect(daemon.calls).toBe(2);
});

it("a call that the daemon read before it ended is an unknown outcome", async ({ listen, call }) => {
  const daemon = await listen((socket) => socket.end(lines({ ...ENDED, params: { received: 3 } })));
  const result = await call();
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toContain("outcome unknown");
  expect(daemon.calls).toBe(1);
});

it("a call that lies unread in the socket when the daemon resets the connection is made again", async ({
  listen,
  call,
}) => {
  let connections = 0;
  const daemon = await listen((socket, { id }) => socket.write(lines(answer(id))));
  daemon.onConnection((socket) => {
    if (++connections > 1) return;
    socket.once("data", () => {
      socket.removeAllListeners("data").pause();
      // By now the call is in the kernel's buffer, or the daemon is gone before it is written: it is not read either way.
      setTimeout(() => {
        socket.write(lines({ ...ENDED, params: { received: 1 } }));
        socket.destroy();
      }, 300);
    });
  });
  expect(await call()).toMatchObject({ code: 0, stdout: "done\n" });
  expect([connections, daemon.calls]).toEqual([2, 1]);
});

it("a call that was refused undelivered is made once more, and only once", async ({ listen, call }) => {
  const refusal = { code: -32001, message: "draining", data: { delivered: false } };
  const daemon = await listen((socket, { id }, nth) => {
    socket.write(lines(nth === 1 ? { jsonrpc: "2.0", id, error: refusal } : answer(id)));
  });
  expect(await call()).toMatchObject({ code: 0, stdout: "done\n" });
  expect(daemon.calls).toBe(2);
});

it("a call that is refused undelivered twice fails", async ({ listen, call }) => {
  const refusal = { code: -32001, message: "draining", data: { delivered: false } };
  const daemon = await listen((socket, { id }) => socket.write(lines({ jsonrpc: "2.0", id, error: refusal })));
  expect(await call()).toMatchObject({ code: 1, stdout: "" });
  expect(daemon.calls).toBe(2);
});

it("a call whose outcome is unknown is not made again", async ({ listen, call }) => {
  const lost = { code: -32001, message: "cut off", data: { delivered: true, outcome: "unknown" } };
  const daemon = await listen((socket, { id }) => socket.write(lines({ jsonrpc: "2.0", id, error: lost })));
  const result = await call();
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("outcome unknown");
  expect(daemon.calls).toBe(1);
});
