import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect, it } from "vitest";

import { freePort, startEverything } from "../../../fixtures/servers/everything-over-http.js";
import { eventually, ServersUnderTest } from "../hosted.js";

/** Requests whose results are the same each time. */
const WALK: [method: string, params?: Record<string, unknown>][] = [
  ["tools/list"],
  ["resources/list"],
  ["resources/templates/list"],
  ["prompts/list"],
  ["tools/call", { name: "echo", arguments: { message: "ä 💓" } }],
  ["tools/call", { name: "get-sum", arguments: { a: 1, b: 2 } }],
  ["tools/call", { name: "get-tiny-image", arguments: {} }],
  ["tools/call", { name: "get-structured-content", arguments: { location: "Chicago" } }],
  ["tools/call", { name: "get-annotated-message", arguments: { messageType: "error", includeImage: true } }],
  ["tools/call", { name: "get-resource-links", arguments: { count: 2 } }],
  ["tools/call", { name: "no-such-tool", arguments: {} }],
  ["prompts/get", { name: "simple-prompt" }],
  ["prompts/get", { name: "args-prompt", arguments: { city: "Ulm" } }],
  ["prompts/get", { name: "no-such-prompt" }],
  [
    "completion/complete",
    { ref: { type: "ref/prompt", name: "completable-prompt" }, argument: { name: "department", value: "E" } },
  ],
  ["logging/setLevel", { level: "error" }],
  ["resources/subscribe", { uri: "demo://resource/dynamic/text/1" }],
  ["resources/unsubscribe", { uri: "demo://resource/dynamic/text/1" }],
  ["ping"],
];

it("server-everything over HTTP answers through Lockstep as it answers the SDK's client", async () => {
  const port = await freePort();
  await startEverything(port);
  const url = `http://127.0.0.1:${port}/mcp`;
  // Lockstep promises a shared server that questions are answered.
  const direct = new Client({ name: "direct", version: "1" }, { capabilities: { elicitation: { form: {}, url: {} } } });
  await direct.connect(new StreamableHTTPClientTransport(new URL(url)));
  const through = new ServersUnderTest({ far: { url } }).connect("far");
  for (const [method, params] of WALK) {
    const expected = await direct.request({ method, params }, ResultSchema).then(
      (result) => ({ result }),
      ({ code, message, data }: { code: number; message: string; data?: unknown }) => ({
        error: { code, message: message.replace(/^MCP error -?\d+: /, ""), ...(data === undefined ? {} : { data }) },
      }),
    );
    const { id: _, jsonrpc: __, ...answer } = (await through.request(method, params)) as Record<string, unknown>;
    expect(answer, method).toEqual(expected);
  }
  await direct.close();
});

it("a subscriber of a remote server gets its updates, and gets them again when the server was restarted", async () => {
  const port = await freePort();
  const first = await startEverything(port);
  const under = new ServersUnderTest({ far: { url: `http://127.0.0.1:${port}/mcp` } });
  const client = under.connect("far");
  const other = under.connect("far");
  const uri = "demo://resource/dynamic/text/1";
  await client.request("resources/subscribe", { uri });
  await client.call("toggle-subscriber-updates");
  const updates = (): number => client.heard("notifications/resources/updated").length;
  await eventually(() => expect(updates()).toBeGreaterThan(0));
  await first.kill();
  await startEverything(port);
  await other.call("toggle-subscriber-updates");
  const before = updates();
  await eventually(() => expect(updates()).toBeGreaterThan(before));
  expect(other.heard("notifications/resources/updated")).toEqual([]);
});
