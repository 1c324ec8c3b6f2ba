import { expect, it } from "vitest";

import { counter, ServersUnderTest } from "../hosted.js";

const NOT_DELIVERED = { code: -32010, data: { delivered: false } };

it.for(["counter", undefined])(
  "a client with a thousand open requests gets errors for further ones, and no other client does (session with %s)",
  async (server) => {
    const box = new ServersUnderTest({ counter: counter() });
    const greedy = box.connect(server);
    const other = box.connect(server);
    const name = (tool: string): string => (server === undefined ? `counter__${tool}` : tool);
    await greedy.request("tools/list");
    const calls = Array.from({ length: 1_200 }, () =>
      greedy.request("tools/call", { name: name("slow"), arguments: { ms: 1_500 } }),
    );
    expect(await other.request("tools/call", { name: name("echo") })).toHaveProperty("result");
    const answers = await Promise.all(calls);
    const refused = answers.filter(({ error }) => error !== undefined);
    expect(refused).toHaveLength(200);
    expect(refused[0]?.error).toMatchObject(NOT_DELIVERED);
    expect(refused[0]?.error?.message).toContain("1000 requests without an answer");
    expect(await greedy.request("tools/call", { name: name("echo") })).toHaveProperty("result");
  },
);

it("a client with 32 MiB of open requests gets errors for further ones, until some are answered", async () => {
  const box = new ServersUnderTest({ counter: counter() });
  const greedy = box.connect("counter");
  await greedy.request("tools/list");
  const padding = "x".repeat(60_000);
  const calls = Array.from({ length: 700 }, () =>
    greedy.request("tools/call", { name: "slow", arguments: { ms: 1_500, padding } }),
  );
  const refused = (await Promise.all(calls)).filter(({ error }) => error !== undefined);
  expect(refused.length).toBeGreaterThan(100);
  expect(refused[0]?.error).toMatchObject(NOT_DELIVERED);
  expect(await greedy.request("tools/call", { name: "echo" })).toHaveProperty("result");
});
