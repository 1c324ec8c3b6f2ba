import type { Installed } from "../../version/identity.js";
import { EXPERIMENTAL_KEY, type ClientHello } from "../../wire/control.js";
import { LATEST_PROTOCOL_VERSION } from "../../wire/handshake.js";
import { isTerminal } from "../terminal/terminal.js";
import { asObject, isObject } from "../../wire/message.js";
import type { PlainCall } from "./plain-call.js";
import { questionCapabilities } from "./question/can-be-asked.js";

/** The call's id, also used as its progress token. */
export const WARM_CALL_ID = 2;
const HELLO_ID = 1;
export const LIST_ID = 3;

/** A result that only needs printing. */
export interface PlainAnswer {
  state: "answered";
  text: string;
  /** The answer as it came. */
  line: string;
}

export const INITIALIZED_LINE = '{"jsonrpc":"2.0","method":"notifications/initialized"}\n';
export const LIST_LINE = `{"jsonrpc":"2.0","id":${LIST_ID},"method":"tools/list","params":{}}\n`;

export function helloLine({ server }: PlainCall, { version, root }: Installed): string {
  const hello: ClientHello = { role: "cli", pid: process.pid, server, heartbeat: true, installRoot: root };
  const params = {
    protocolVersion: LATEST_PROTOCOL_VERSION,
    capabilities: { ...questionCapabilities(), experimental: { [EXPERIMENTAL_KEY]: hello } },
    clientInfo: { name: "lockstep", version },
  };
  return `${JSON.stringify({ jsonrpc: "2.0", id: HELLO_ID, method: "initialize", params })}\n`;
}

/** `args`: the arguments as JSON text. */
export function callLine(tool: string, args: string): string {
  const meta = isTerminal(2) ? `,"_meta":{"progressToken":${WARM_CALL_ID}}` : "";
  const params = `{"name":${JSON.stringify(tool)},"arguments":${args}${meta}}`;
  return `{"jsonrpc":"2.0","id":${WARM_CALL_ID},"method":"tools/call","params":${params}}\n`;
}

/** The result, if `message` answers that request without an error. */
export function answerTo(id: number, message: unknown): Record<string, unknown> | undefined {
  return isObject(message) && message["id"] === id && isObject(message["result"]) ? message["result"] : undefined;
}

/**
 * The daemon's block of the answer to `hello`, when it is exactly what is installed here. Every case that needs a decision
 * is left to the full path.
 */
export function ourDaemon(message: unknown, installed: Installed): Record<string, unknown> | undefined {
  const { serverInfo, capabilities } = answerTo(HELLO_ID, message) ?? {};
  const daemon = asObject(asObject(asObject(capabilities)["experimental"])[EXPERIMENTAL_KEY]);
  return asObject(serverInfo)["version"] === installed.version &&
    daemon["installRoot"] === installed.root &&
    daemon["buildId"] === installed.buildId &&
    daemon["protocol"] === installed.protocol
    ? daemon
    : undefined;
}

/** A successful result of text blocks only. Errors and files need more than printing. */
export function plainAnswer(line: string, result: Record<string, unknown> | undefined): PlainAnswer | undefined {
  const content: unknown = result?.["content"];
  if (!result || result["isError"] === true || !Array.isArray(content) || content.length === 0) return undefined;
  let text = "";
  for (const block of content as unknown[]) {
    if (!isObject(block) || block["type"] !== "text" || typeof block["text"] !== "string") return undefined;
    text += block["text"].endsWith("\n") ? block["text"] : `${block["text"]}\n`;
  }
  return { state: "answered", text, line };
}
