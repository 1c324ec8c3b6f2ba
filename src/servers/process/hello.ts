import { asObject } from "../../wire/message.js";
import { parseSpan, type ResponseEnvelope } from "../../wire/envelope.js";
import { SUPPORTED_PROTOCOL_VERSIONS } from "../../wire/handshake.js";

/** A hosted server's answer to `initialize`. */
export interface ServerHello {
  protocolVersion: string;
  /** As the server gave it, with title, icons and website; empty strings for a name or version that it lacks. */
  serverInfo: { name: string; version: string } & Record<string, unknown>;
  capabilities: Record<string, unknown>;
  instructions?: string;
}

/** What a hosted server gets to know of its client in `initialize`. */
export interface ClientIntroduction {
  protocolVersion: string;
  capabilities: Record<string, unknown>;
  clientInfo: Record<string, unknown>;
}

/** Routers number their requests, so no other one can have this id. */
export const INITIALIZE_ID = "initialize";
export const DISCOVER_ID = "discover";

export const INITIALIZED_FRAME = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

export function initializeFrame(id: string, { protocolVersion, capabilities, clientInfo }: ClientIntroduction): string {
  const params = { protocolVersion, capabilities, clientInfo };
  return JSON.stringify({ jsonrpc: "2.0", id, method: "initialize", params });
}

/**
 * The version to ask for after an error that refuses `asked`: the newest one that the error names and we speak, else the
 * next older one. Undefined if the error is about something else, or if no older version is left.
 */
export function otherVersion({ raw, error }: ResponseEnvelope, asked: string): string | undefined {
  const { message, data } = asObject(parseSpan(raw, error));
  const text = `${typeof message === "string" ? message : ""} ${JSON.stringify(data ?? "")}`;
  if (!/version/i.test(text)) return undefined;
  const named: readonly string[] = text.match(/\b20\d\d-\d\d-\d\d\b/g) ?? [];
  const older = SUPPORTED_PROTOCOL_VERSIONS.slice(SUPPORTED_PROTOCOL_VERSIONS.indexOf(asked) + 1);
  return older.find((version) => named.includes(version)) ?? older[0];
}

/** The request by which a server shows that it speaks a version without `initialize`. */
export function discoverFrame({ capabilities, clientInfo }: ClientIntroduction): string {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": STATELESS_VERSION,
    "io.modelcontextprotocol/clientCapabilities": capabilities,
    "io.modelcontextprotocol/clientInfo": clientInfo,
  };
  return JSON.stringify({ jsonrpc: "2.0", id: DISCOVER_ID, method: "server/discover", params: { _meta } });
}

/** True for the errors with which a server answers `initialize` that speaks only versions without it. */
export function mayBeStateless({ raw, error }: ResponseEnvelope): boolean {
  const { code } = asObject(parseSpan(raw, error));
  return code === METHOD_NOT_FOUND || code === UNSUPPORTED_VERSION;
}

/** Reads the answer to `initialize`. A problem goes on from "could not be started:". */
export function readServerHello(answer: ResponseEnvelope): ServerHello | { problem: string } {
  if (answer.error !== undefined) {
    const { message } = asObject(parseSpan(answer.raw, answer.error));
    const reason = typeof message === "string" && message !== "" ? message : "without a reason";
    return { problem: `it refused "initialize": ${reason}` };
  }
  return parseServerHello(parseSpan(answer.raw, answer.result));
}

/** The same for the answer's result. */
export function parseServerHello(answer: unknown): ServerHello | { problem: string } {
  const { protocolVersion, serverInfo, capabilities, instructions } = asObject(answer);
  const version = asText(protocolVersion);
  if (!SUPPORTED_PROTOCOL_VERSIONS.includes(version)) {
    return { problem: `it speaks MCP "${version}"; known are ${SUPPORTED_PROTOCOL_VERSIONS.join(", ")}` };
  }
  const info = asObject(serverInfo);
  return {
    protocolVersion: version,
    serverInfo: { ...info, name: asText(info["name"]), version: asText(info["version"]) },
    capabilities: asObject(capabilities),
    ...(typeof instructions === "string" ? { instructions } : {}),
  };
}

const STATELESS_VERSION = "2026-07-28";
const METHOD_NOT_FOUND = -32601;
/** Since 2026-07-28. */
const UNSUPPORTED_VERSION = -32022;

function asText(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 300) : "";
}
