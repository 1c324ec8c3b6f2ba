import { expect, it } from "vitest";

import { event, events, json, listen, McpOverHttp, textResult } from "../../../fixtures/servers/http-server.js";
import { eventually, ServersUnderTest } from "../hosted.js";

const CALL = "tools/call";

it("calls that meet a forgotten session at once are all sent again and run once", async () => {
  const ran: string[] = [];
  const server = await McpOverHttp.start(({ message, request, response }) => {
    if (message.method !== CALL) return false;
    if (request.headers["mcp-session-id"] === "session 1" && message.params?.name !== "warm") {
      response.writeHead(404).end();
      return true;
    }
    ran.push(message.params?.name ?? "");
    return false;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  await client.call("warm");
  const names = ["a", "b", "c", "d", "e"];
  expect(await Promise.all(names.map((name) => client.call(name)))).toEqual(names.map(() => "done"));
  expect(ran.sort()).toEqual([...names, "warm"].sort());
  expect(server.sessions).toBe(2);
});

it("a session that is forgotten twice within a minute is begun again both times, without a wait", async () => {
  let valid = 1;
  const server = await McpOverHttp.start(({ message, request, response }) => {
    if (message.method !== CALL || request.headers["mcp-session-id"] === `session ${valid}`) return false;
    json(response, { jsonrpc: "2.0", id: message.id, error: { code: -32001, message: "Session not found" } }, 404);
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  for (valid of [1, 2, 3]) expect(await client.call("x")).toBe("done");
});

it("a server that never knows its own session is not asked without end", async () => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    response.writeHead(404).end();
    return true;
  });
  const answer = await new ServersUnderTest({ far: { url: server.url } }).connect("far").request(CALL, { name: "x" });
  expect(answer.error).toMatchObject({ code: -32010, data: { delivered: false } });
  expect(server.sessions).toBeLessThan(5);
});

it.each([
  ["404", 404, "Not Found"],
  ["400 about a session", 400, "No valid session ID provided"],
  ["500", 500, "oops"],
])("a notification that is answered with %s ends neither the session nor open calls", async (_, status, text) => {
  let answer = (): void => undefined;
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method === "notifications/initialized" || message.method === "notifications/roots/list_changed") {
      response.writeHead(status).end(text);
      return true;
    }
    if (message.params?.name !== "slow") return false;
    answer = () => json(response, { jsonrpc: "2.0", id: message.id, result: textResult("slow answer") });
    return true;
  });
  const under = new ServersUnderTest({ far: { url: server.url, lockstep: { share: "session" } } });
  const client = under.connect("far");
  const slow = client.call("slow");
  await eventually(() => expect(server.methods()).toContain(CALL));
  client.notify("notifications/roots/list_changed");
  await eventually(() => expect(server.methods()).toContain("notifications/roots/list_changed"));
  expect(await client.call("quick")).toBe("done");
  answer();
  expect(await slow).toBe("slow answer");
  expect(server.sessions).toBe(1);
});

it("a refusal that only mentions a session ends no session", async () => {
  let answer = (): void => undefined;
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.params?.name === "bad") {
      response.writeHead(400).end("argument 'session_name' is missing");
      return true;
    }
    if (message.params?.name !== "slow") return false;
    answer = () => json(response, { jsonrpc: "2.0", id: message.id, result: textResult("slow answer") });
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  const slow = client.call("slow");
  await eventually(() => expect(server.methods()).toContain(CALL));
  const bad = await client.request(CALL, { name: "bad" });
  expect(bad.error).toMatchObject({ code: -32010, data: { delivered: false } });
  expect(bad.error?.message).toContain("session_name");
  answer();
  expect(await slow).toBe("slow answer");
});

it.each([
  [
    "the SDK's example",
    400,
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}',
  ],
  ["plain text", 400, "Bad Request: Session ID not found"],
])("a session that is refused in the words of %s is begun again", async (_, status, text) => {
  const server = await McpOverHttp.start(({ message, request, response }) => {
    if (message.method !== CALL || request.headers["mcp-session-id"] !== "session 1") return false;
    response.writeHead(status).end(text);
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  expect(await client.call("x")).toBe("done");
  expect(server.sessions).toBe(2);
});

it("a call that meets a server in its restart is sent when it is back", async () => {
  // No connection is left over on which the second call could be lost.
  const server = await McpOverHttp.start(({ response }) => !response.setHeader("connection", "close"), {
    get: (_request, response) => response.writeHead(405, { connection: "close" }).end(),
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  await client.call("first");
  await server.close();
  const call = client.call("second");
  await server.open();
  expect(await call).toBe("done");
});

it("a JSON-RPC error with an HTTP error is the answer, with code and data", async () => {
  const error = { code: -32602, message: "no such thing", data: { hint: 1 } };
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    json(response, { jsonrpc: "2.0", id: message.params?.name === "own" ? message.id : null, error }, 400);
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  expect((await client.request(CALL, { name: "own" })).error).toEqual(error);
  expect((await client.request(CALL, { name: "null" })).error).toEqual(error);
});

it("an error without an ID answers the request in whose response it is", async () => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    json(response, '{"jsonrpc":"2.0","error":{"code":-1,"message":"lost the ID"}}');
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  expect((await client.request(CALL, { name: "x" })).error).toEqual({ code: -1, message: "lost the ID" });
});

it("a request that is accepted with 202 is answered on the standing stream", async () => {
  let stream: ((text: string) => void) | undefined;
  const server = await McpOverHttp.start(
    ({ message, response }) => {
      if (message.method !== CALL) return false;
      response.writeHead(202).end();
      stream?.(event({ id: message.id!, result: textResult("from the stream") }));
      return true;
    },
    {
      get: (_request, response) => {
        events(response);
        stream = (text) => void response.write(text);
      },
    },
  );
  const under = new ServersUnderTest({ far: { url: server.url } });
  const client = under.connect("far");
  await client.request("tools/list");
  await eventually(() => expect(stream).toBeDefined());
  expect(await client.call("x")).toBe("from the stream");
});

it.each([
  ["202", 202],
  ["an empty 200", 200],
])("a request that is answered with %s by a server without a stream has an unknown outcome", async (_, status) => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    response.writeHead(status).end();
    return true;
  });
  const answer = await new ServersUnderTest({ far: { url: server.url } }).connect("far").request(CALL, { name: "x" });
  expect(answer.error).toMatchObject({ code: -32011, data: { delivered: true, outcome: "unknown" } });
  expect(answer.error?.message).toContain("sent no answer");
});

it("an answer over 64 MiB is an error for its call alone", async () => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.params?.name !== "huge") return false;
    response.writeHead(200, { "content-type": "application/json" });
    const part = "x".repeat(1024 * 1024);
    const write = (left: number): void => {
      if (response.destroyed) return;
      if (left === 0) return void response.end();
      response.write(part, () => write(left - 1));
    };
    write(70);
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  const huge = client.request(CALL, { name: "huge" });
  expect(await client.call("small")).toBe("done");
  expect((await huge).error?.message).toContain("answered with more than 64 MiB");
  expect(server.sessions).toBe(1);
});

it("a server that asks for a login is named with what can be done", async () => {
  const metadata = 'Bearer resource_metadata="https://e.org/.well-known/oauth-protected-resource"';
  const { origin } = await listen((_, response) => response.writeHead(401, { "www-authenticate": metadata }).end());
  const answer = await new ServersUnderTest({ far: { url: `${origin}/mcp` } }).connect("far").request("tools/list");
  expect(answer.error?.message).toContain("Lockstep cannot log in yet");
  expect(answer.error?.message).toContain("mcp-remote");
});

it("a session is deleted when its server is stopped", async () => {
  const server = await McpOverHttp.start();
  const under = new ServersUnderTest({ far: { url: server.url } });
  await under.connect("far").call("x");
  await under.servers.stop(5_000);
  expect(server.requests.at(-1)).toBe("DELETE session 1");
});

it("a cancelled call is cancelled at the server, and its response is no longer waited for", async () => {
  let ended = false;
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    events(response);
    response.on("close", () => (ended = true));
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  void client.request(CALL, { name: "slow" }, "mine");
  await eventually(() => expect(server.methods()).toContain(CALL));
  client.notify("notifications/cancelled", { requestId: "mine" });
  await eventually(() => expect(ended).toBe(true));
  const [called] = server.posts.filter(({ message }) => message.method === CALL);
  const [cancelled] = server.posts.filter(({ message }) => message.method === "notifications/cancelled");
  expect(cancelled?.message.params?.["requestId"]).toBe(called?.message.id);
});

it("a client with large calls that are open is read on, so that it can cancel them", async () => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    events(response);
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  await client.request("tools/list");
  const text = "x".repeat(1024 * 1024);
  for (let id = 100; id < 120; id++) void client.request(CALL, { name: "big", arguments: { text } }, id);
  await eventually(() => expect(server.methods().filter((method) => method === CALL)).toHaveLength(20));
  await eventually(() => expect(client.paused).toBe(false));
});

it("requests state the protocol version that was agreed on", async () => {
  const server = await McpOverHttp.start();
  await new ServersUnderTest({ far: { url: server.url } }).connect("far").call("x");
  const versions = server.posts.map(({ message, request }) => [
    message.method,
    request.headers["mcp-protocol-version"],
  ]);
  expect(versions).toEqual([
    ["initialize", undefined],
    ["notifications/initialized", "2025-11-25"],
    [CALL, "2025-11-25"],
  ]);
});

it("a client that sends faster than a remote server reads is held up", async () => {
  const stuck: (() => void)[] = [];
  const { origin } = await listen((request, response) => {
    let text = "";
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      if (text.includes('"tools/call"')) {
        request.pause();
        stuck.push(() => request.resume());
      }
    };
    request.on("data", read);
    request.on("end", () => {
      const { id, method, params } = JSON.parse(text || "{}") as { id?: number; method?: string; params?: object };
      if (id === undefined) return void response.writeHead(request.method === "GET" ? 405 : 202).end();
      const result =
        method === "initialize"
          ? { ...params, capabilities: {}, serverInfo: { name: "x", version: "1" } }
          : textResult("ok");
      json(response, { jsonrpc: "2.0", id, result });
    });
  });
  const client = new ServersUnderTest({ far: { url: `${origin}/mcp` } }).connect("far");
  await client.request("tools/list");
  const text = "x".repeat(1024 * 1024);
  const calls: Promise<string>[] = [];
  while (!client.paused && calls.length < 100) calls.push(client.call("big", { text }));
  expect(client.paused).toBe(true);
  await eventually(() => {
    for (const resume of stuck.splice(0)) resume();
    expect(client.paused).toBe(false);
  });
  const going = setInterval(() => {
    for (const resume of stuck.splice(0)) resume();
  }, 5);
  expect(new Set(await Promise.all(calls))).toEqual(new Set(["ok"]));
  clearInterval(going);
});
