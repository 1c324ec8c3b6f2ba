import { expect } from "vitest";

import { RawClient } from "../../fixtures/daemons/raw-client.js";
import { it as withCounter } from "../../fixtures/it/with-counter.js";
import { until } from "../../fixtures/sandbox.js";
import { executions } from "../../fixtures/servers/counting-server.js";

const it = withCounter.extend("connect", ({ box }, { onCleanup }) => {
  const clients: RawClient[] = [];
  onCleanup(() => clients.forEach((client) => client.close()));
  return async (protocolVersion?: string): Promise<RawClient> => {
    await box.run(["start"]);
    const client = new RawClient(box);
    clients.push(client);
    await client.initialize("counter", protocolVersion);
    return client;
  };
});

it("an id of any size comes back digit for digit, whoever answers", async ({ connect }) => {
  const client = await connect();
  const ids = ["1732700000123456789", "123456789012345678901234567890", "1.0e2", "-0.5", '"a\\u0062"'];
  for (const [n, method] of ["ping", "lockstep/status", "initialize", "tools/call", "no/such/method"].entries()) {
    client.send(`{"jsonrpc":"2.0","id":${ids[n]},"method":"${method}","params":{"name":"echo"}}`);
    expect(await client.answer(ids[n] ?? "")).toContain('"jsonrpc":"2.0"');
  }
});

it("one bad message is refused by itself, and the calls of its connection go on", async ({ connect, counted }) => {
  const client = await connect();
  client.call(1, "slow", { ms: 500, id: "going on" });
  await until("the call runs", () => executions(counted, "slow").length === 1);
  client.send('{"jsonrpc":"2.0","id":2,"method":"ping","method":"tools/call"}');
  client.send('{"jsonrpc":"2.0","id":null,"method":"ping"}');
  client.send('{"jsonrpc":"2.0","id":3,"method":"tools/call","params":' + "[".repeat(2_000) + "]".repeat(2_000) + "}");
  client.send('[{"jsonrpc":"2.0","id":4,"method":"ping"}]');
  client.send('"text"');
  for (const id of ["2", "3"]) expect(await client.answer(id)).toContain('"code":-32600');
  await until("the others are answered", () => client.lines.filter((line) => line.includes('"id":null')).length === 3);
  expect(await client.answer("1")).toContain("slept");
  expect(client.isClosed).toBe(false);
});

it("a method with the name of a member of every object is the hosted server's to answer", async ({ connect }) => {
  const client = await connect();
  for (const method of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
    client.send({ id: method, method, params: { name: method } });
    expect(await client.answer(JSON.stringify(method))).toContain("Unknown method");
  }
});

it("a batch is unpacked for a client that speaks the version of MCP that has them", async ({ connect, counted }) => {
  const client = await connect("2025-03-26");
  const call = (id: number): object => ({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name: "echo", arguments: { id } },
  });
  client.send(JSON.stringify([call(1), { jsonrpc: "2.0", method: "notifications/cancelled" }, call(2), { id: 3 }]));
  for (const id of ["1", "2"]) expect(await client.answer(id)).toContain("result");
  expect(await client.answer("3")).toContain('"code":-32600');
  expect(executions(counted, "echo").sort()).toEqual(["echo 1", "echo 2"]);
  expect(client.isClosed).toBe(false);
});
