import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";

import { probeDaemon, hangUp } from "../../../../src/client/connect/probe.js";
import { lockstepSpec } from "../../../../src/client/spec/lockstep-spec.js";
import { NOTIFICATION } from "../../../../src/wire/control.js";
import { it } from "../../../fixtures/it/with-directory.js";

const HANDSHAKE_MS = 400;

/** A daemon that sends `method` every 50 ms, and answers `initialize` late. */
async function slowDaemon(dir: string, method: string, answerMs: number): Promise<void> {
  const server = createServer((socket) => {
    socket.once("data", (asked: Buffer) => answerLate(socket, asked, method, answerMs));
  });
  onTestFinished(() => void server.close());
  server.listen(join(dir, "serve.sock"));
  await once(server, "listening");
}

function answerLate(socket: Socket, asked: Buffer, method: string, answerMs: number): void {
  const { id } = JSON.parse(asked.toString()) as { id: number };
  const send = (message: object): void => void socket.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const beat = setInterval(() => send({ method, params: {} }), 50);
  const answer = setTimeout(() => {
    const serverInfo = { name: "lockstep", version: "1.0.0" };
    send({ id, result: { protocolVersion: "2025-11-25", capabilities: {}, serverInfo } });
  }, answerMs);
  socket.on("error", () => undefined); // The client hangs up when it has what it needs.
  socket.on("close", () => {
    clearInterval(beat);
    clearTimeout(answer);
  });
}

it.for<[string, string | undefined, string]>([
  ["answered", "slow", NOTIFICATION.heartbeat],
  ["silent", "slow", "notifications/message"],
  ["silent", undefined, NOTIFICATION.heartbeat],
])("a daemon is taken for %s by a client of the server %s when it sends %s meanwhile", async (row, { directory }) => {
  const [state, server, method] = row;
  // On a busy machine the bound passes late, and the answer must not come before that.
  await slowDaemon(directory, method, state === "answered" ? 3 * HANDSHAKE_MS : 60_000);
  const hello = { role: "library" as const, pid: process.pid, ...(server !== undefined && { server }) };
  const client = { clientInfo: { name: "test", version: "1" }, hello };
  const probe = await probeDaemon(lockstepSpec(undefined, directory), client, { handshakeMs: HANDSHAKE_MS });
  hangUp(probe);
  expect(probe.state).toBe(state);
});
