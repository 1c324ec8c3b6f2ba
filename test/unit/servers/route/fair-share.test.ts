import { expect, it } from "vitest";

import { counter, eventually, ServersUnderTest, type TestClient } from "../hosted.js";

/** Two clients of one shared server, both of which have used it just now. */
async function twoClients(): Promise<{ under: ServersUnderTest; busy: TestClient; other: TestClient }> {
  const under = new ServersUnderTest({ one: counter() });
  const [busy, other] = [under.connect("one"), under.connect("one")];
  await Promise.all([busy.call("echo"), other.call("echo")]);
  return { under, busy, other };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

it("a call comes before most of those that another client has sent at once, and all are answered in order", async () => {
  const { under, busy, other } = await twoClients();
  const many = numbers(100).map((n) => busy.call("echo", { id: `many ${n}` }));
  const one = other.call("echo", { id: "one" });
  await Promise.all([one, ...many]);
  const executed = under.executed().filter((line) => /many|one/.test(line));
  expect(executed.findIndex((line) => line.endsWith("one"))).toBeLessThan(16);
  expect(executed.filter((line) => line.includes("many"))).toEqual(
    numbers(100).map((n) => expect.stringMatching(new RegExp(`many ${n}$`)) as string),
  );
});

it("a client that uses a server alone has all its calls there at once", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = under.connect("one");
  await client.call("echo");
  const calls = numbers(30).map((n) => client.call("slow", { ms: 1_000, id: `s${n}` }));
  await eventually(() => expect(under.executed().filter((line) => line.startsWith("slow"))).toHaveLength(30));
  const answered = client.received.filter(({ result }) => JSON.stringify(result ?? "").includes("slept"));
  expect(answered).toEqual([]);
  await Promise.all(calls);
});

it("long calls do not keep their client's next ones waiting for their end", async () => {
  const { under, busy, other } = await twoClients();
  const calls = numbers(12).map((n) => busy.call("slow", { ms: 3_000, id: `s${n}` }));
  const beside = setInterval(() => void other.call("echo"), 100);
  try {
    await eventually(() => expect(under.executed().filter((line) => line.startsWith("slow"))).toHaveLength(12));
    expect(busy.received.filter(({ result }) => JSON.stringify(result ?? "").includes("slept"))).toEqual([]);
  } finally {
    clearInterval(beside);
  }
  await Promise.all(calls);
});

it("a call that waits for its turn can be cancelled, and is never made", async () => {
  const { under, busy, other } = await twoClients();
  const calls = numbers(40).map((n) =>
    busy.request("tools/call", { name: "echo", arguments: { id: `c${n}` } }, `c${n}`),
  );
  busy.notify("notifications/cancelled", { requestId: "c39" });
  await Promise.all([other.call("echo", { id: "last" }), ...calls.slice(0, 39)]);
  expect(under.executed().join("\n")).toContain("c38");
  expect(under.executed().join("\n")).not.toContain("c39");
});

it("a client that leaves much unread gets no more of what it asks for", async () => {
  const { under, other } = await twoClients();
  const stuck = under.connect("one", { reading: false });
  for (const n of numbers(100)) {
    void stuck.request("tools/call", { name: "large", arguments: { bytes: 1_000_000, id: n } });
  }
  await eventually(() => expect(stuck.buffered).toBeGreaterThan(1024 * 1024));
  await other.call("slow", { ms: 500 });
  expect(stuck.buffered).toBeLessThan(10_000_000);
});
