import { EXPERIMENTAL_KEY, type ClientHello, type Role } from "./control.js";
import { asObject, isObject } from "./message.js";
import type { Peer, RequestOptions } from "./peer.js";
import { RpcError } from "./rpc-error.js";

/** MCP's protocol versions. A unit test compares them with the SDK's constants; loading the SDK here costs 55 ms. */
export const LATEST_PROTOCOL_VERSION = "2025-11-25";
export const SUPPORTED_PROTOCOL_VERSIONS: readonly string[] = [
  LATEST_PROTOCOL_VERSION,
  "2025-06-18",
  "2025-03-26",
  "2024-11-05",
  "2024-10-07",
];

/** How a client introduces itself in `initialize`. */
export interface ClientIdentity {
  /** The version of MCP to ask for. Default: the latest. */
  protocolVersion?: string;
  clientInfo: { name: string; version: string };
  capabilities?: Record<string, unknown>;
  hello: ClientHello;
}

/** A client in words, as the log, the ledger and the status name it: `cli (pid 812)`. */
export function clientName({ role, pid }: Pick<ClientHello, "role" | "pid">): string {
  return `${role} (pid ${pid})`;
}

export interface InitializeResult {
  protocolVersion: string;
  /** Empty strings for what the answer lacks: a daemon is judged by what it gives, however little. */
  serverInfo: { name: string; version: string };
  capabilities: Record<string, unknown>;
  instructions?: string;
}

export interface InitializeParams {
  protocolVersion: string;
  /** As the client gave it, with title, icons and website. */
  clientInfo: { name: string; version: string } & Record<string, unknown>;
  capabilities: Record<string, unknown>;
  /** Undefined for a client of any other kind than Lockstep's. */
  hello: ClientHello | undefined;
}

/**
 * The client's half: sends `initialize` and reads the answer, whatever it lacks. Does not send
 * `notifications/initialized`. Rejects like `Peer.request`, which gets `options`; the hello is sent under
 * `experimentalKey`, Lockstep's own by default.
 */
export async function initialize(
  peer: Peer,
  { protocolVersion = LATEST_PROTOCOL_VERSION, clientInfo, capabilities, hello }: ClientIdentity,
  options: RequestOptions & { experimentalKey?: string },
): Promise<InitializeResult> {
  const { experimentalKey = EXPERIMENTAL_KEY, ...bounds } = options;
  const params = {
    protocolVersion,
    capabilities: withHello(capabilities ?? {}, hello, experimentalKey),
    clientInfo,
  };
  return readInitializeResult(await peer.request("initialize", params, bounds));
}

/** The server's half: reads a client's `initialize`. Throws RpcError(-32602) that names the wrong member. */
export function parseInitializeParams(params: unknown): InitializeParams {
  const { protocolVersion, clientInfo, capabilities } = objectIn({ params }, "params");
  const info = objectIn({ clientInfo }, "clientInfo");
  const { name, version } = info;
  const capable = objectIn({ capabilities: capabilities ?? {} }, "capabilities");
  return {
    protocolVersion: stringIn({ protocolVersion }, "protocolVersion"),
    clientInfo: {
      ...info,
      name: stringIn({ "clientInfo.name": name }, "clientInfo.name"),
      version: stringIn({ "clientInfo.version": version }, "clientInfo.version"),
    },
    capabilities: capable,
    hello: readHello(capable["experimental"]),
  };
}

/** The protocol version to answer with: the requested one if it is supported, else the latest, as MCP requires. */
export function negotiate(requested: string): string {
  return SUPPORTED_PROTOCOL_VERSIONS.includes(requested) ? requested : LATEST_PROTOCOL_VERSION;
}

function withHello(capabilities: Record<string, unknown>, hello: ClientHello, key: string): Record<string, unknown> {
  const experimental = asObject(capabilities["experimental"]);
  return { ...capabilities, experimental: { ...experimental, [key]: hello } };
}

function readInitializeResult(answer: unknown): InitializeResult {
  const { protocolVersion, serverInfo, capabilities, instructions } = asObject(answer);
  const { name, version } = asObject(serverInfo);
  return {
    protocolVersion: asString(protocolVersion),
    serverInfo: { name: asString(name), version: asString(version) },
    capabilities: asObject(capabilities),
    ...(typeof instructions === "string" && { instructions }),
  };
}

const ROLES: readonly Role[] = ["cli", "tray", "bridge", "library"];

/** An unknown role counts as `library`. A malformed server is an error, since no server would mean all servers. */
function readHello(experimental: unknown): ClientHello | undefined {
  const block = asObject(experimental)[EXPERIMENTAL_KEY];
  if (!isObject(block)) return undefined;
  const { role, pid, server, heartbeat, installRoot } = block;
  return {
    role: ROLES.find((known) => known === role) ?? "library",
    pid: typeof pid === "number" && Number.isSafeInteger(pid) ? pid : 0,
    ...(server !== undefined && { server: stringIn({ server }, "server") }),
    ...(heartbeat === true && { heartbeat }),
    ...(typeof installRoot === "string" && { installRoot }),
  };
}

function objectIn(members: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = members[name];
  if (!isObject(value)) throw new RpcError(-32602, `initialize: "${name}" must be an object.`);
  return value;
}

function stringIn(members: Record<string, unknown>, name: string): string {
  const value = members[name];
  if (typeof value !== "string") throw new RpcError(-32602, `initialize: "${name}" must be a string.`);
  return value;
}

function asString(value: unknown): string {
  return typeof value === "string" ? value : "";
}
