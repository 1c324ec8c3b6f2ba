import { describe, expect, it } from "vitest";

import { readEnvelope, type RequestEnvelope } from "../../../../src/wire/envelope.js";
import { ClientState } from "../../../../src/servers/route/client-state.js";
import { Port } from "../../../../src/servers/route/port.js";
import type { SessionClient } from "../../../../src/servers/route/session-client.js";

const client = (): Port => new Port({} as SessionClient);
const request = (method: string, params: object): RequestEnvelope =>
  readEnvelope(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }))) as RequestEnvelope;
const subscribe = (uri: string): RequestEnvelope => request("resources/subscribe", { uri });

describe("what clients have set at a server", () => {
  it("is replayed to a new process, each subscription once", () => {
    const state = new ClientState();
    const [a, b] = [client(), client()];
    for (const port of [a, b]) state.note(port, subscribe("x:1"));
    expect(state.replay()).toEqual([{ method: "resources/subscribe", params: { uri: "x:1" } }]);
  });

  it("is replayed to a process with one client as far as that client has set it", () => {
    const state = new ClientState();
    const [a, b] = [client(), client()];
    state.note(a, subscribe("x:a"));
    state.note(b, subscribe("x:b"));
    expect(state.of(a).replay()).toEqual([{ method: "resources/subscribe", params: { uri: "x:a" } }]);
    expect(state.of(b).replay()).toEqual([{ method: "resources/subscribe", params: { uri: "x:b" } }]);
  });

  it("is forgotten with the client, and the server hears of subscriptions that no other client has", () => {
    const state = new ClientState();
    const [a, b] = [client(), client()];
    for (const port of [a, b]) state.note(port, subscribe("x:both"));
    state.note(a, subscribe("x:a"));
    expect(state.drop(a)).toEqual(["x:a"]);
    expect(state.replay()).toEqual([{ method: "resources/subscribe", params: { uri: "x:both" } }]);
    expect(state.unsubscribe(b, "x:both")).toBe(true);
    expect(state.hasSubscriptions).toBe(false);
  });
});
