import { describe, expect, it } from "vitest";

import { ClientState } from "../../../../src/servers/route/client-state.js";
import { Port } from "../../../../src/servers/route/port.js";
import type { SessionClient } from "../../../../src/servers/route/session-client.js";

const client = (): Port => new Port({} as SessionClient);

describe("what clients have set at a server", () => {
  it("is replayed to a new process, each subscription once", () => {
    const state = new ClientState();
    const [a, b] = [client(), client()];
    for (const port of [a, b]) state.subscribe(port, "x:1");
    expect(state.replay()).toEqual([{ method: "resources/subscribe", params: { uri: "x:1" } }]);
  });

  it("is replayed to a process with one client as far as that client has set it", () => {
    const state = new ClientState();
    const [a, b] = [client(), client()];
    state.subscribe(a, "x:a");
    state.subscribe(b, "x:b");
    expect(state.of(a).replay()).toEqual([{ method: "resources/subscribe", params: { uri: "x:a" } }]);
    expect(state.of(b).replay()).toEqual([{ method: "resources/subscribe", params: { uri: "x:b" } }]);
  });

  it("is forgotten with the client, and the server hears of subscriptions that no other client has", () => {
    const state = new ClientState();
    const [a, b] = [client(), client()];
    for (const port of [a, b]) state.subscribe(port, "x:both");
    state.subscribe(a, "x:a");
    expect(state.drop(a)).toEqual(["x:a"]);
    expect(state.replay()).toEqual([{ method: "resources/subscribe", params: { uri: "x:both" } }]);
    expect(state.unsubscribe(b, "x:both")).toBe(true);
    expect(state.hasSubscriptions).toBe(false);
  });
});
