import { expect, it } from "vitest";

import { counter, ServersUnderTest, type Message } from "../hosted.js";

/** Random numbers, the same in every run with one seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

it.each([1, 2, 3])(
  "each request is answered once and executed at most once, in any order of events (seed %i)",
  async (seed) => {
    const roll = dice(seed);
    const under = new ServersUnderTest({ one: counter(), own: counter({}, { share: "session" }) });
    const clients = Array.from({ length: 8 }, (_, index) => under.connect(index % 4 === 3 ? "own" : "one"));
    const asked: { id: string; answer: Promise<Message>; cancelled: boolean }[] = [];
    for (let step = 0; step < 240; step++) {
      const client = clients[roll(clients.length)]!;
      const id = `${seed}-${step}`;
      const what = roll(60);
      if (what === 0) await under.servers.restart("one");
      else if (what <= 2)
        asked.push({
          id,
          answer: client.request("tools/call", { name: "crash", arguments: { id } }, id),
          cancelled: false,
        });
      else {
        const answer = client.request(
          "tools/call",
          { name: what < 30 ? "echo" : "slow", arguments: { id, ms: roll(20) } },
          id,
        );
        const cancelled = what >= 55;
        if (cancelled) client.notify("notifications/cancelled", { requestId: id });
        asked.push({ id, answer, cancelled });
      }
      if (roll(3) === 0) await new Promise((resolve) => setImmediate(resolve));
      if (roll(40) === 0) await client.request("ping");
    }
    const answers = await Promise.all(asked.filter(({ cancelled }) => !cancelled).map(({ answer }) => answer));
    await under.servers.drained();

    const executed = under.executed().map((line) => line.split(" ")[1] ?? "");
    const times = (id: unknown): number => executed.filter((one) => one === id).length;
    for (const { id, result, error } of answers) {
      const received = clients.flatMap((client) => client.received.filter((message) => message.id === id));
      expect(received).toHaveLength(1);
      if (result) expect(times(id)).toBe(1);
      else if (error?.data?.["delivered"] === false) expect(times(id)).toBe(0);
      else expect(times(id)).toBeLessThanOrEqual(1);
    }
    for (const { id, cancelled } of asked) if (cancelled) expect(times(id)).toBeLessThanOrEqual(1);
    expect(under.servers.inFlight).toBe(0);
  },
);
