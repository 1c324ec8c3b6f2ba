import { expect, it } from "vitest";

import { event, events, McpOverHttp, textResult } from "../../../fixtures/servers/http-server.js";
import { eventually, ServersUnderTest } from "../hosted.js";

const CALL = "tools/call";

/** A server that ends the stream of each call after an event with an ID, and answers the poll with that number. */
async function pollingServer(answerAt: number, retryMs: number): Promise<{ server: McpOverHttp; polls: string[] }> {
  const polls: string[] = [];
  let called: string | number | undefined;
  const server = await McpOverHttp.start(
    ({ message, response }) => {
      if (message.method !== CALL) return false;
      called = message.id;
      events(response);
      response.end(`retry: ${retryMs}\nid: 0\ndata:\n\n`);
      return true;
    },
    {
      get: (request, response) => {
        const lastId = request.headers["last-event-id"];
        if (lastId === undefined) return void response.writeHead(405).end();
        polls.push(String(lastId));
        events(response);
        const message = { id: called!, result: textResult("at last") };
        response.end(polls.length < answerAt ? `id: ${polls.length}\ndata:\n\n` : event(message));
      },
    },
  );
  return { server, polls };
}

it("a server that ends its response and asks to be polled is polled until it answers", async () => {
  const { server, polls } = await pollingServer(4, 20);
  expect(await new ServersUnderTest({ far: { url: server.url } }).connect("far").call("x")).toBe("at last");
  expect(polls).toEqual(["0", "1", "2", "3"]);
});

it("a server that asks for a pause of more than 10 s before the poll gets it", async () => {
  const { server, polls } = await pollingServer(1, 10_500);
  const since = performance.now();
  expect(await new ServersUnderTest({ far: { url: server.url } }).connect("far").call("x")).toBe("at last");
  expect(performance.now() - since).toBeGreaterThan(10_400);
  expect(polls).toHaveLength(1);
});

it("a response that breaks off behind an event with an ID is resumed", async () => {
  let called: string | number | undefined;
  const server = await McpOverHttp.start(
    ({ message, response }) => {
      if (message.method !== CALL) return false;
      called = message.id;
      events(response);
      response.write("retry: 10\nid: here\ndata:\n\n", () => response.destroy());
      return true;
    },
    {
      get: (request, response) => {
        if (request.headers["last-event-id"] !== "here") return void response.writeHead(405).end();
        events(response);
        response.end(event({ id: called!, result: textResult("resumed") }));
      },
    },
  );
  expect(await new ServersUnderTest({ far: { url: server.url } }).connect("far").call("x")).toBe("resumed");
});

it.each([
  ["ends", ""],
  ["does not know any more", "id: 1\nretry: 10\ndata:\n\n"],
])("the outcome of a call whose response the server %s is unknown at once", async (_, text) => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    events(response);
    response.end(text);
    return true;
  });
  const answer = await new ServersUnderTest({ far: { url: server.url } }).connect("far").request(CALL, { name: "x" });
  expect(answer.error).toMatchObject({ code: -32011, data: { delivered: true, outcome: "unknown" } });
  expect(answer.error?.message).toContain("ended its response before the answer");
});

it("the standing stream is opened again as long as the server is used, and goes on behind its last event", async () => {
  const lastIds: unknown[] = [];
  const server = await McpOverHttp.start(undefined, {
    capabilities: { tools: { listChanged: true } },
    get: (request, response) => {
      lastIds.push(request.headers["last-event-id"]);
      if (lastIds.length === 4) return void response.writeHead(503).end();
      events(response);
      if (lastIds.length < 6) return void response.end(`id: e${lastIds.length}\nretry: 20\ndata:\n\n`);
      response.write(event({ method: "notifications/tools/list_changed" }));
    },
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  await client.request("tools/list");
  await eventually(() => expect(client.heard("notifications/tools/list_changed")).toHaveLength(1));
  expect(lastIds).toEqual([undefined, "e1", "e2", "e3", "e3", "e5"]);
});

it("a client that only listens hears a server that was restarted and forgot the session", async () => {
  let valid = "session 1";
  let end = (): void => undefined;
  const server = await McpOverHttp.start(undefined, {
    capabilities: { tools: { listChanged: true } },
    get: (request, response) => {
      if (request.headers["mcp-session-id"] !== valid) return void response.writeHead(404).end();
      events(response);
      response.write("retry: 10\nid: 1\ndata:\n\n");
      if (valid === "session 2") response.write(event({ method: "notifications/tools/list_changed" }));
      end = () => response.end();
    },
  });
  const under = new ServersUnderTest({ far: { url: server.url } });
  const client = under.connect("far");
  await client.request("tools/list");
  await eventually(() => expect(server.requests).toContain("GET session 1"));
  valid = "session 2";
  end();
  await eventually(() => expect(client.heard("notifications/tools/list_changed").length).toBeGreaterThan(0));
  expect(under.status("far")).toMatchObject({ state: "ready" });
});

it("what a call sends on its way arrives before its answer", async () => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    const { progressToken } = message.params?.["_meta"] as { progressToken: number };
    events(response);
    response.write(": a comment\n\n");
    for (const progress of [1, 2]) {
      response.write(event({ method: "notifications/progress", params: { progressToken, progress } }));
    }
    response.end(event({ id: message.id!, result: textResult("done") }));
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  await client.request(CALL, { name: "x", _meta: { progressToken: "mine" } });
  expect(client.received.map(({ method, params }) => method ?? params)).toEqual([
    "notifications/progress",
    "notifications/progress",
    undefined,
  ]);
});

it("a server is not read while its only client does not read", async () => {
  let written = 0;
  const part = event({ method: "notifications/message", params: { level: "info", data: "x".repeat(1024 * 1024) } });
  const server = await McpOverHttp.start(undefined, {
    capabilities: { logging: {} },
    get: (_request, response) => {
      events(response);
      const write = (): void => {
        if (response.destroyed || written > 100) return;
        response.write(part, () => {
          written++;
          write();
        });
      };
      write();
    },
  });
  const client = new ServersUnderTest({ far: { url: server.url, lockstep: { share: "session" } } }).connect("far", {
    reading: false,
  });
  client.send({ id: 1, method: "tools/list" });
  await eventually(() => expect(written).toBeGreaterThan(1));
  let before = -1;
  await eventually(() => {
    const isStill = written === before;
    before = written;
    expect(isStill).toBe(true);
  });
  expect(written).toBeLessThan(60);
});

it("a remote server's question goes to the client in whose response it came, while others are busy too", async () => {
  const server = await McpOverHttp.start(({ message, text, response }) => {
    const calls = server.posts.filter((post) => post.message.method === CALL);
    if (message.method === CALL) {
      events(response);
      if (calls.length < 2) return true;
      for (const call of calls) {
        const params = { message: call.message.params?.name, requestedSchema: { type: "object", properties: {} } };
        call.response.write(event({ id: `ask ${call.message.id}`, method: "elicitation/create", params }));
      }
      return true;
    }
    const asked = calls.find((call) => text.includes(`"ask ${call.message.id}"`));
    if (asked === undefined) return false;
    asked.response.end(event({ id: asked.message.id!, result: textResult(text) }));
    return false;
  });
  const under = new ServersUnderTest({ far: { url: server.url } });
  const answers = ["first", "second"].map((name) => {
    const client = under.connect("far", { capabilities: { elicitation: { form: {} } } });
    client.onRequest = ({ params }) => ({ action: "accept", content: { by: name, asked: params?.["message"] } });
    return client.call(name);
  });
  const [first, second] = await Promise.all(answers);
  expect(first).toContain('"by":"first","asked":"first"');
  expect(second).toContain('"by":"second","asked":"second"');
});

it("what a server reports in the response to a call is for its caller, and what concerns all is for all", async () => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    events(response);
    const log = {
      method: "notifications/message",
      params: { level: "info", data: message.params?.arguments?.["secret"] },
    };
    const others = ["notifications/vendor/step", "notifications/tools/list_changed"].map((method) => ({ method }));
    const answer = { id: message.id!, result: textResult("done") };
    response.end([log, ...others, answer].map((one) => event(one)).join(""));
    return true;
  });
  const under = new ServersUnderTest({ far: { url: server.url } });
  const [caller, other, everywhere] = [under.connect("far"), under.connect("far"), under.connect(undefined)];
  await other.request("tools/list");
  await caller.call("x", { secret: "the caller's" });
  const methods = (client: typeof caller): unknown[] => client.received.map(({ method }) => method).filter(Boolean);
  await eventually(() => expect(methods(everywhere)).toEqual(["notifications/tools/list_changed"]));
  expect(methods(other)).toEqual(["notifications/tools/list_changed"]);
  expect(methods(caller)).toEqual([
    "notifications/message",
    "notifications/vendor/step",
    "notifications/tools/list_changed",
  ]);
});
