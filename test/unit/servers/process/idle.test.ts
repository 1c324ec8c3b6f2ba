import { describe, expect, it } from "vitest";

import type { ConfiguredServer } from "../../../../src/servers/configured-server.js";
import { counter, eventually, ServersUnderTest } from "../hosted.js";

const IDLE_MS = 100;

/** A server whose entry sets no idle time, with a default of 100 ms; and one whose entry sets as much. */
async function keptAndOther(): Promise<ServersUnderTest> {
  const under = new ServersUnderTest({ kept: counter(), other: counter({}, { idle: `${IDLE_MS}ms` }) });
  await under.servers.loaded();
  const kept = under.servers.table.find("kept") as ConfiguredServer;
  kept.restart("The test needs a shorter time.", { ...kept.config, idleMs: IDLE_MS });
  return under;
}

/** Waits until the other server has stopped because of its idle time, twice. */
async function someIdleTimes(under: ServersUnderTest): Promise<void> {
  const client = under.connect("other");
  for (let times = 0; times < 2; times++) {
    await client.call("echo");
    await eventually(() => expect(under.status("other").state).toBe("stopped"));
  }
}

describe("a server whose entry sets no idle time", () => {
  it("runs, with its state, as long as a client that has used it is connected, and its idle time begins then", async () => {
    const under = await keptAndOther();
    const [first, second] = [under.connect("kept"), under.connect("kept")];
    const pid = await first.call("pid");
    await second.call("echo");
    first.session.close();
    await someIdleTimes(under);
    expect(under.status("kept").state).toBe("ready");
    expect(await second.call("pid")).toBe(pid);
    second.session.close();
    await eventually(() => expect(under.status("kept").state).toBe("stopped"));
  });

  it("is not kept by a client that has only read its lists, or set a level", async () => {
    const under = await keptAndOther();
    const client = under.connect("kept");
    await client.request("tools/list");
    await client.request("logging/setLevel", { level: "error" });
    await eventually(() => expect(under.status("kept").state).toBe("stopped"));
  });

  it("is kept by a client of all servers that has used it", async () => {
    const under = await keptAndOther();
    await under.connect(undefined).call("kept__echo");
    await someIdleTimes(under);
    expect(under.status("kept").state).toBe("ready");
  });

  it("with share session runs as long as its client has used it", async () => {
    const under = new ServersUnderTest({
      kept: counter({}, { share: "session" }),
      other: counter({}, { idle: `${IDLE_MS}ms` }),
    });
    await under.servers.loaded();
    const kept = under.servers.table.find("kept") as ConfiguredServer;
    kept.restart("The test needs a shorter time.", { ...kept.config, idleMs: IDLE_MS });
    const client = under.connect("kept");
    const pid = await client.call("pid");
    await someIdleTimes(under);
    expect(await client.call("pid")).toBe(pid);
  });
});

it("a server with an idle time of 0 s is not stopped in the middle of a call, and ends after it", async () => {
  const under = new ServersUnderTest({ one: counter({}, { idle: "0s" }) });
  const client = under.connect("one");
  for (let calls = 0; calls < 2; calls++) {
    expect(await client.call("slow", { ms: 250 })).toContain("slept 250 ms");
    await eventually(() => expect(under.status("one").state).toBe("stopped"));
  }
});
