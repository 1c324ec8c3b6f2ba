import { brotliCompressSync, createGzip, gzipSync } from "node:zlib";
import { expect, it } from "vitest";

import { events, json, McpOverHttp } from "../../../fixtures/servers/http-server.js";
import { ServersUnderTest, type TestClient } from "../hosted.js";

const CALL = "tools/call";

/** Numbers that no double holds, an unknown member, an order that is not the usual one, and escapes. */
const RESULT = '{"z":12345678901234567890,"a":1.10,"content":[],"e":1E400,"t":"\\u00e4\\/ä","_meta":{"b":1,"a":2}}';

/** Answers calls with the body that `bodyFor` makes of the request's ID. */
async function answering(bodyFor: (id: string) => string, stream = false): Promise<TestClient> {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    const body = bodyFor(String(message.id));
    if (!stream) return json(response, body) === undefined;
    events(response);
    response.end(body);
    return true;
  });
  return new ServersUnderTest({ far: { url: server.url } }).connect("far");
}

it("a request reaches a remote server byte for byte, but for its ID", async () => {
  const server = await McpOverHttp.start();
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  const params = '{"name":"x","arguments":{"n":12345678901234567890,"f":1.10,"u":"\\u00e4ä"},"x":1E400}';
  client.sendRaw(`{"params":${params},"vendor":{"b":1,"a":2},"jsonrpc":"2.0","id":"mine","method":"${CALL}"}`);
  await client.request("tools/list");
  const sent = server.posts.find(({ message }) => message.method === CALL)?.text;
  expect(sent).toMatch(/^\{"params":.*"method":"tools\/call"\}$/);
  expect(sent?.replace(/"id":\d+/, '"id":"mine"')).toBe(
    `{"params":${params},"vendor":{"b":1,"a":2},"jsonrpc":"2.0","id":"mine","method":"${CALL}"}`,
  );
});

it.each([
  ["a JSON body", false, (id: string) => `{"result":${RESULT},"vendor":[1],"error":null,"id":${id},"jsonrpc":"2.0"}`],
  [
    "an event",
    true,
    (id: string) => `data: {"result":${RESULT},"vendor":[1],"error":null,"id":${id},"jsonrpc":"2.0"}\n\n`,
  ],
])("an answer in %s reaches the client byte for byte, but for its ID", async (_, stream, bodyFor) => {
  const client = await answering(bodyFor, stream);
  await client.request(CALL, { name: "x" }, "mine");
  expect(client.raw.at(-1)).toBe(`{"result":${RESULT},"vendor":[1],"error":null,"id":"mine","jsonrpc":"2.0"}`);
});

it("an answer that is written in several lines is one frame", async () => {
  const client = await answering((id) => `\ufeff{\r\n  "jsonrpc": "2.0",\n  "id": ${id},\n  "result": ${RESULT}\n}\n`);
  await client.request(CALL, { name: "x" }, "mine");
  expect(client.raw.at(-1)).toContain(RESULT);
  expect(client.raw.at(-1)).not.toMatch(/[\r\n]/);
});

it("an event of several lines is one frame, whatever its line ends are", async () => {
  const client = await answering(
    (id) => `event: message\rdata: {"jsonrpc":"2.0",\rdata: "id":${id},\r\ndata:"result":${RESULT}}\n\r\n`,
    true,
  );
  await client.request(CALL, { name: "x" }, "mine");
  expect(client.raw.at(-1)).toContain(RESULT);
});

it("the messages of a batch are passed on one by one", async () => {
  const note = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"[\\"]"}}';
  const client = await answering((id) => `[ ${note} ,\n{"jsonrpc":"2.0","id":${id},"result":${RESULT}} ]`);
  await client.request(CALL, { name: "x" }, "mine");
  expect(client.raw).toEqual([note, `{"jsonrpc":"2.0","id":"mine","result":${RESULT}}`]);
});

it("an answer that cannot be read is an error for its caller at once", async () => {
  const client = await answering((id) => `{"jsonrpc":"2.0","id":${id},"result":{"x":NaN}}`);
  const answer = await client.request(CALL, { name: "x" });
  expect(answer.error).toBeDefined();
});

it.each([
  ["gzip", (text: string) => gzipSync(text)],
  ["br", (text: string) => brotliCompressSync(text)],
])("an answer that is compressed with %s is read", async (encoding, compress) => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    response.writeHead(200, { "content-type": "application/json", "content-encoding": encoding });
    response.end(compress(`{"jsonrpc":"2.0","id":${message.id},"result":${RESULT}}`));
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  await client.request(CALL, { name: "x" }, "mine");
  expect(client.raw.at(-1)).toContain(RESULT);
});

it("a compressed event is read while its stream goes on", async () => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== CALL) return false;
    response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
    const gzip = createGzip();
    gzip.pipe(response);
    gzip.write(`data: {"jsonrpc":"2.0","id":${message.id},"result":${RESULT}}\n\n`);
    gzip.flush();
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  await client.request(CALL, { name: "x" }, "mine");
  expect(client.raw.at(-1)).toContain(RESULT);
});
