import {
  LATEST_PROTOCOL_VERSION as SDK_LATEST,
  SUPPORTED_PROTOCOL_VERSIONS as SDK_SUPPORTED,
} from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";

import type { ClientHello } from "../../../src/wire/control.js";
import {
  clientName,
  initialize,
  LATEST_PROTOCOL_VERSION,
  negotiate,
  parseInitializeParams,
  SUPPORTED_PROTOCOL_VERSIONS,
  type ClientIdentity,
} from "../../../src/wire/handshake.js";
import { Peer, RequestTimeoutError } from "../../../src/wire/peer.js";
import { RpcError } from "../../../src/wire/rpc-error.js";
import { socketPair } from "./socket-pair.js";

const HELLO: ClientHello = { role: "cli", pid: 812, server: "memory", heartbeat: true, installRoot: "/opt/lockstep" };
const CLIENT: ClientIdentity = { clientInfo: { name: "lockstep-cli", version: "1.2.3" }, hello: HELLO };
const IN_TIME = { timeoutMs: 1_000 };

describe("MCP's protocol versions", () => {
  it("MCP's protocol versions are those of the SDK", () => {
    expect(LATEST_PROTOCOL_VERSION).toBe(SDK_LATEST);
    expect(SUPPORTED_PROTOCOL_VERSIONS).toEqual(SDK_SUPPORTED);
  });

  it.each([
    ["2024-11-05", "2024-11-05"],
    [LATEST_PROTOCOL_VERSION, LATEST_PROTOCOL_VERSION],
    ["1999-01-01", LATEST_PROTOCOL_VERSION],
    ["", LATEST_PROTOCOL_VERSION],
  ])("the protocol version %s is answered with %s", (requested, answered) => {
    expect(negotiate(requested)).toBe(answered);
  });
});

describe("initialize", () => {
  it("initialize gives the daemon the client's identity, and the client the answer", async () => {
    const answer = {
      protocolVersion: "2025-11-25",
      serverInfo: { name: "lockstep", version: "2.0.0" },
      capabilities: { tools: {}, experimental: { lockstep: { protocol: 1 } } },
      instructions: "Be kind.",
    };
    let asked: unknown;
    const peer = await clientOf((params) => ((asked = params), answer));
    const capabilities = { roots: {}, experimental: { other: { x: 1 } } };
    expect(await initialize(peer, { ...CLIENT, capabilities }, IN_TIME)).toEqual(answer);
    expect(asked).toEqual({
      protocolVersion: LATEST_PROTOCOL_VERSION,
      capabilities: { roots: {}, experimental: { other: { x: 1 }, lockstep: HELLO } },
      clientInfo: CLIENT.clientInfo,
    });
    expect(parseInitializeParams(asked).hello).toEqual(HELLO);
  });

  it.each([
    [{}],
    [[]],
    [{ serverInfo: null, capabilities: null, protocolVersion: 7, instructions: 7 }],
    [{ serverInfo: { name: 5, version: ["1"] }, capabilities: [] }],
  ])("initialize reads %j as an answer without any identity", async (answer) => {
    const peer = await clientOf(() => answer);
    expect(await initialize(peer, CLIENT, IN_TIME)).toEqual({
      protocolVersion: "",
      serverInfo: { name: "", version: "" },
      capabilities: {},
    });
  });

  it("initialize keeps what an incomplete answer gives", async () => {
    const peer = await clientOf(() => ({ serverInfo: { version: "0.9" } }));
    expect(await initialize(peer, CLIENT, IN_TIME)).toMatchObject({ serverInfo: { name: "", version: "0.9" } });
  });

  it("initialize passes on a refusal", async () => {
    const peer = await clientOf(() => Promise.reject(new RpcError(-32001, "draining", { delivered: false })));
    await expect(initialize(peer, CLIENT, IN_TIME)).rejects.toMatchObject({ code: -32001, data: { delivered: false } });
  });

  it("initialize waits no longer than its timeout, and no longer than its signal allows", async () => {
    const peer = await clientOf(() => new Promise(() => {}));
    const late = new RequestTimeoutError("initialize", 20);
    await expect(initialize(peer, CLIENT, { timeoutMs: 20 })).rejects.toEqual(late);
    const signal = AbortSignal.timeout(20);
    await expect(initialize(peer, CLIENT, { signal })).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

it("a client is named by its role and process", () => {
  expect(clientName({ role: "cli", pid: 812 })).toBe("cli (pid 812)");
});

describe("parseInitializeParams", () => {
  const valid = {
    protocolVersion: "2025-06-18",
    clientInfo: { name: "editor", version: "1" },
    capabilities: { roots: {} },
  };

  it("parseInitializeParams reads a client of another kind than Lockstep's", () => {
    expect(parseInitializeParams(valid)).toEqual({ ...valid, hello: undefined });
  });

  it.each([
    [HELLO, HELLO],
    [
      { role: "tray", pid: 4 },
      { role: "tray", pid: 4 },
    ],
    [
      { role: "robot", pid: "4", heartbeat: "yes", installRoot: 1 },
      { role: "library", pid: 0 },
    ],
    [{}, { role: "library", pid: 0 }],
    ["text", undefined],
  ])("parseInitializeParams reads the hello %j", (block, hello) => {
    expect(parseInitializeParams({ ...valid, capabilities: { experimental: { lockstep: block } } }).hello).toEqual(
      hello,
    );
  });

  it.each([
    [undefined, '"params" must be an object'],
    [{ ...valid, protocolVersion: 5 }, '"protocolVersion" must be a string'],
    [{ ...valid, clientInfo: undefined }, '"clientInfo" must be an object'],
    [{ ...valid, clientInfo: { name: "x" } }, '"clientInfo.version" must be a string'],
    [{ ...valid, capabilities: [] }, '"capabilities" must be an object'],
    [
      { ...valid, capabilities: { experimental: { lockstep: { role: "cli", server: 5 } } } },
      '"server" must be a string',
    ],
  ])("parseInitializeParams refuses %j", (params, message) => {
    expect(() => parseInitializeParams(params)).toThrow(new RpcError(-32602, `initialize: ${message}.`));
  });
});

/** A client whose other side answers `initialize` with the given answer. */
async function clientOf(answer: (params: unknown) => unknown): Promise<Peer> {
  const [near, far] = await socketPair();
  new Peer(far, far, { onRequest: (_method, params) => answer(params) });
  return new Peer(near, near);
}
