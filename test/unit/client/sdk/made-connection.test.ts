import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import {
  CreateMessageRequestSchema,
  LoggingMessageNotificationSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import { expect } from "vitest";

import { ensureDaemon } from "../../../../src/client/ensure.js";
import { FRESH } from "../../../../src/client/ensure-options.js";
import { connectReconnecting, type ReconnectingClient } from "../../../../src/client/follow/reconnecting-client.js";
import { createSdkTransport } from "../../../../src/client/sdk/sdk-transport.js";
import type { ClientIdentity } from "../../../../src/wire/handshake.js";
import { lines, type Script } from "../../../fixtures/daemons/scripted-daemon.js";
import { it as base } from "../../../fixtures/it/with-scripted-daemon.js";
import { eventually } from "../../wire/eventually.js";

const IDENTITY: ClientIdentity = {
  clientInfo: { name: "test", version: "1" },
  hello: { role: "library", pid: process.pid },
};
const CAPABLE: ClientIdentity = { ...IDENTITY, capabilities: { sampling: {} } };

const it = base
  .extend("listen", ({ startScripted }) => {
    return (onCall?: Script["onCall"]) => startScripted({ hello, ...(onCall && { onCall }) });
  })
  /** The SDK's client over a connection of either kind, once it is connected. */
  .extend("connect", ({ spec }, { onCleanup }) => {
    const clients: Client[] = [];
    onCleanup(async () => {
      for (const client of clients) await client.close();
    });
    return async (kind: string, client = new Client({ name: "sdk", version: "1" }), identity = IDENTITY) => {
      const options = { client: identity, report: () => undefined };
      const connection: ReconnectingClient | Awaited<ReturnType<typeof ensureDaemon>> =
        kind === "a reconnecting client"
          ? await connectReconnecting(spec, options)
          : await ensureDaemon(spec, { ...FRESH, ...options });
      clients.push(client);
      try {
        await client.connect(createSdkTransport(connection));
      } catch (error) {
        if (connection instanceof Object && "close" in connection) connection.close();
        else connection.peer.close();
        throw error;
      }
      return client;
    };
  });

function hello(): object {
  return {
    protocolVersion: "2025-11-25",
    serverInfo: { name: "scripted", version: "1.0.0" },
    capabilities: { tools: {}, logging: {} },
    instructions: "Say what you want.",
  };
}

const text = (what: string): object => ({ content: [{ type: "text", text: what }] });
const answers: NonNullable<Script["onCall"]> = (socket, { id }) => {
  socket.write(lines({ jsonrpc: "2.0", id, result: text("done") }));
};

const KINDS = ["a connection of ensureDaemon", "a reconnecting client"];

it.for(KINDS)(
  "the SDK's client gets a connection over %s without another connect",
  async (kind, { listen, connect }) => {
    const daemon = await listen(answers);
    const client = await connect(kind);
    expect(client.getServerVersion()).toEqual({ name: "scripted", version: "1.0.0" });
    expect(client.getInstructions()).toBe("Say what you want.");
    expect(await client.callTool({ name: "x" })).toEqual(text("done"));
    expect(daemon.connections).toBe(1);
    expect(daemon.heard.map(({ method }) => method)).toEqual(["initialize", "notifications/initialized", "tools/call"]);
    const [, , call] = daemon.heard;
    expect(call?.id).not.toBe(daemon.heard[0]?.id);
  },
);

it.for(KINDS)(
  "the SDK's client over %s gets progress, notifications and requests",
  async (kind, { listen, connect }) => {
    const daemon = await listen((socket, { id, params }) => {
      const { progressToken } = params?.["_meta"] as { progressToken: unknown };
      socket.write(
        lines(
          { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken, progress: 1, total: 2 } },
          { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "working" } },
          {
            jsonrpc: "2.0",
            id: "sample",
            method: "sampling/createMessage",
            params: { messages: [], maxTokens: 1 },
          },
        ),
      );
      daemon.whenHeard("sample", () => socket.write(lines({ jsonrpc: "2.0", id, result: text("done") })));
    });
    const client = new Client({ name: "sdk", version: "1" }, { capabilities: { sampling: {} } });
    const heard: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(params.data));
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      model: "m",
      role: "assistant" as const,
      content: { type: "text" as const, text: "sampled" },
    }));
    await connect(kind, client, CAPABLE);
    const progress: unknown[] = [];
    expect(await client.callTool({ name: "x" }, undefined, { onprogress: (step) => progress.push(step) })).toEqual(
      text("done"),
    );
    expect([heard, progress]).toEqual([["working"], [{ progress: 1, total: 2 }]]);
    expect(daemon.heard.find(({ id }) => id === "sample")?.result).toMatchObject({ model: "m" });
  },
);

it.for(KINDS)("the SDK's client over %s cancels a request at the daemon", async (kind, { listen, connect }) => {
  const daemon = await listen();
  const client = await connect(kind);
  const abort = new AbortController();
  const asked = client.callTool({ name: "x" }, undefined, { signal: abort.signal });
  await eventually(() => expect(daemon.calls).toBe(1));
  abort.abort("changed my mind");
  await expect(asked).rejects.toThrow("changed my mind");
  const call = daemon.heard.find(({ method }) => method === "tools/call");
  await eventually(() =>
    expect(daemon.heard.at(-1)).toMatchObject({ method: "notifications/cancelled", params: { requestId: call?.id } }),
  );
});

it.for(KINDS)(
  "the SDK's client with a capability that the handshake did not name over %s is refused with what to do",
  async (kind, { listen, connect }) => {
    await listen();
    const client = new Client({ name: "sdk", version: "1" }, { capabilities: { sampling: {} } });
    await expect(connect(kind, client)).rejects.toThrow(/capabilities sampling .* "client\.capabilities"/);
  },
);

it("the SDK's client over a reconnecting client goes on with the next daemon", async ({ listen, connect }) => {
  const daemon = await listen((socket, call, nth) => {
    if (nth === 1) socket.end();
    else answers(socket, call, nth);
  });
  const client = await connect("a reconnecting client");
  const lost = await client.callTool({ name: "lost" }).catch((error: unknown) => error);
  expect(lost).toBeInstanceOf(McpError);
  expect((lost as McpError).data).toEqual({ delivered: true, outcome: "unknown" });
  expect(await client.callTool({ name: "next" })).toEqual(text("done"));
  expect(daemon.calls).toBe(2);
});

it("the SDK's client over a connection of ensureDaemon ends with it", async ({ listen, connect }) => {
  const daemon = await listen((socket) => socket.end());
  const client = await connect("a connection of ensureDaemon");
  let closed = false;
  client.onclose = () => (closed = true);
  await expect(client.callTool({ name: "x" })).rejects.toThrow("Connection closed");
  expect([closed, daemon.connections]).toEqual([true, 1]);
});
