import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { Sandbox } from "../../fixtures/sandbox.js";

// A daemon whose every byte is placed by the test: a real one sends its heartbeats when it likes.

interface Message {
  id?: number;
  method?: string;
  result?: unknown;
}

let box: Sandbox;
let server: Server | undefined;
let heard: Message[];

beforeEach(() => {
  box = new Sandbox();
  heard = [];
});
afterEach(async () => {
  server?.close();
  rmSync(join(box.dir, "serve.sock"), { force: true });
  await box.close();
});

const HEARTBEAT = { jsonrpc: "2.0", method: "notifications/lockstep/heartbeat", params: { seq: 1 } };
const lines = (...messages: object[]) => messages.map((message) => `${JSON.stringify(message)}\n`).join("");
const answer = (id: number | undefined) => ({
  jsonrpc: "2.0",
  id,
  result: { content: [{ type: "text", text: "done" }] },
});

function listen(onCall: (socket: Socket, call: Message, nth: number) => void): Promise<void> {
  const info = JSON.parse(readFileSync("dist/build-info.json", "utf8")) as { version: string };
  const identity = { ...info, installRoot: resolve("dist"), pid: process.pid };
  const hello = {
    protocolVersion: "2025-11-25",
    serverInfo: { name: "lockstep", version: info.version },
    capabilities: { experimental: { lockstep: identity } },
  };
  let calls = 0;
  mkdirSync(box.dir, { mode: 0o700 });
  server = createServer((socket) => {
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      text += chunk.toString();
      for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n")) {
        const message = JSON.parse(text.slice(0, end)) as Message;
        text = text.slice(end + 1);
        heard.push(message);
        if (message.method === "initialize") socket.write(lines({ jsonrpc: "2.0", id: message.id, result: hello }));
        if (message.method === "tools/call") onCall(socket, message, ++calls);
      }
    });
  });
  return new Promise((done) => server?.listen(join(box.dir, "serve.sock"), done));
}

const call = () => box.run(["call", "any", "tool"]);
const calls = () => heard.filter(({ method }) => method === "tools/call").length;

it("an answer alone is printed", async () => {
  await listen((socket, { id }) => socket.write(lines(answer(id))));
  expect(await call()).toMatchObject({ code: 0, stdout: "done\n", stderr: "" });
});

it.each<[string, (socket: Socket, id: number | undefined) => void]>([
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
])("%s costs no byte of it", async (_title, send) => {
  await listen((socket, { id }) => send(socket, id));
  expect(await call()).toMatchObject({ code: 0, stdout: "done\n", stderr: "" });
  expect(calls()).toBe(1);
});

it("the server's own question is answered in the middle of a call", async () => {
  await listen((socket, { id }) => {
    socket.write(lines({ jsonrpc: "2.0", id: 77, method: "ping" }));
    const wait = setInterval(() => {
      if (!heard.some((message) => message.id === 77 && message.result !== undefined)) return;
      clearInterval(wait);
      socket.write(lines(answer(id)));
    }, 10);
  });
  expect(await call()).toMatchObject({ code: 0, stdout: "done\n" });
});

it("a connection that ends instead of an answer is an unknown outcome", async () => {
  await listen((socket) => socket.end());
  const result = await call();
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toContain("outcome unknown");
  expect(calls()).toBe(1);
});

it("a call that was refused undelivered is made once more, and only once", async () => {
  const refusal = { code: -32001, message: "draining", data: { delivered: false } };
  await listen((socket, { id }, nth) => {
    socket.write(lines(nth === 1 ? { jsonrpc: "2.0", id, error: refusal } : answer(id)));
  });
  expect(await call()).toMatchObject({ code: 0, stdout: "done\n" });
  expect(calls()).toBe(2);
});

it("a call that is refused undelivered twice fails", async () => {
  const refusal = { code: -32001, message: "draining", data: { delivered: false } };
  await listen((socket, { id }) => socket.write(lines({ jsonrpc: "2.0", id, error: refusal })));
  expect(await call()).toMatchObject({ code: 1, stdout: "" });
  expect(calls()).toBe(2);
});

it("a call whose outcome is unknown is not made again", async () => {
  const lost = { code: -32001, message: "cut off", data: { delivered: true, outcome: "unknown" } };
  await listen((socket, { id }) => socket.write(lines({ jsonrpc: "2.0", id, error: lost })));
  const result = await call();
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("outcome unknown");
  expect(calls()).toBe(1);
});
