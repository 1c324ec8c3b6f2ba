import { asObject } from "../../wire/message.js";
import { parseSpan, type ResponseEnvelope } from "../../wire/envelope.js";
import { LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS, type InitializeResult } from "../../wire/handshake.js";

/** A hosted server's answer to `initialize`. */
export type ServerHello = InitializeResult;

/** Routers number their requests, so no other one can have this id. */
export const INITIALIZE_ID = "initialize";

export const INITIALIZED_FRAME = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

/** `capabilities`: what the server may ask of its clients. */
export function initializeFrame(version: string, capabilities: Record<string, unknown>): string {
  const clientInfo = { name: "lockstep", title: "Lockstep", version };
  const params = { protocolVersion: LATEST_PROTOCOL_VERSION, capabilities, clientInfo };
  return JSON.stringify({ jsonrpc: "2.0", id: INITIALIZE_ID, method: "initialize", params });
}

/** Reads the answer to `initialize`. A problem goes on from "could not be started:". */
export function readServerHello(answer: ResponseEnvelope): ServerHello | { problem: string } {
  if (answer.error !== undefined) {
    const { message } = asObject(parseSpan(answer.raw, answer.error));
    return { problem: `it refused "initialize": ${asText(message) || "without a reason"}` };
  }
  const result = asObject(parseSpan(answer.raw, answer.result));
  const protocolVersion = asText(result["protocolVersion"]);
  if (!SUPPORTED_PROTOCOL_VERSIONS.includes(protocolVersion)) {
    return { problem: `it speaks MCP "${protocolVersion}"; known are ${SUPPORTED_PROTOCOL_VERSIONS.join(", ")}` };
  }
  const { name, version } = asObject(result["serverInfo"]);
  const { capabilities, instructions } = result;
  return {
    protocolVersion,
    serverInfo: { name: asText(name), version: asText(version) },
    capabilities: asObject(capabilities),
    ...(typeof instructions === "string" ? { instructions } : {}),
  };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 300) : "";
}
