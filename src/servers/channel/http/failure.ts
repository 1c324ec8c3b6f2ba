import type { IncomingHttpHeaders } from "node:http";

import { readEnvelope } from "../../../wire/envelope.js";
import { FrameError } from "../../../wire/frames.js";
import { isObject } from "../../../wire/message.js";
import type { Fate } from "../channel.js";
import { BodyTooLarge, framesIn } from "./bodies.js";
import { Redirected } from "./net/exchange.js";
import { NotConnected } from "./net/network.js";

/** What a failed HTTP request means for the JSON-RPC message in it. */
export interface HttpFailure {
  /** Continues "The server …", without a full stop. Only the origin is named, since paths and queries may hold keys. */
  reason: string;
  /** "failed-before": it is certain that the server did not accept the message. */
  fate: Fate & ("failed-before" | "unknown");
}

/** A response that is no success. */
export class ErrorStatus extends Error {
  readonly response: ErrorResponse;

  constructor(response: ErrorResponse) {
    super(`HTTP ${response.status}`);
    this.response = response;
  }
}

/** The server accepted a request and gave no answer. The message continues "The server …". */
export class NoAnswer extends Error {}

export interface ErrorResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** Its beginning. */
  text: string;
}

/** Reads what a request ended with that got no answer. */
export function describeError(error: unknown, origin: string): HttpFailure {
  if (error instanceof NotConnected) {
    const code = codeOf(error.cause);
    const help = isCertificateError(code) ? CERTIFICATE_HELP : "";
    return { reason: `cannot be reached at ${origin} (${error.message})${help}`, fate: "failed-before" };
  }
  if (error instanceof Redirected) return { reason: error.message, fate: "failed-before" };
  if (error instanceof ErrorStatus) return describeResponse(error.response, origin);
  if (error instanceof NoAnswer) return { reason: error.message, fate: "unknown" };
  if (error instanceof BodyTooLarge) {
    return { reason: "answered with more than 64 MiB, which is the limit of one message", fate: "unknown" };
  }
  const why = codeOf(error) ?? (error instanceof Error ? error.message.slice(0, KEPT_CHARACTERS) : String(error));
  return { reason: `broke the connection to ${origin} (${why})`, fate: "unknown" };
}

function describeResponse({ status, headers, text }: ErrorResponse, origin: string): HttpFailure {
  const words = wordsIn(text);
  const details = words === "" ? "" : `: ${words}`;
  if (status === 401) return { reason: describeLogin(headers, origin), fate: "failed-before" };
  if (status === 403) {
    const reason = `refused the request with HTTP 403 at ${origin}${details}; check "headers" in its entry in servers.json`;
    return { reason, fate: "failed-before" };
  }
  if (status === 404)
    return { reason: `does not know the address at ${origin} (HTTP 404)${details}`, fate: "failed-before" };
  return {
    reason: `answered with HTTP ${status} at ${origin}${details}`,
    fate: status >= 500 ? "unknown" : "failed-before",
  };
}

/**
 * True when the server has forgotten the session, after a restart for example, and accepts nothing of it any more. MCP
 * has 404 for that; many servers answer 400 in words that the SDKs' examples use.
 */
export function isSessionGone({ status, text }: ErrorResponse): boolean {
  if (status === 404) return true;
  if (status !== 400) return false;
  const error = errorIn(text);
  if (error === undefined) return SESSION_GONE.test(text);
  return [-32000, -32001, -32600].includes(Number(error["code"])) && SESSION_GONE.test(String(error["message"]));
}

/** The JSON-RPC error in a body; with `id` only if it answers the request with that ID. */
export function errorFrameIn(text: string, id?: string | number): Buffer | undefined {
  const [frame, second] = framesIn(Buffer.from(text));
  if (frame === undefined || second !== undefined) return undefined;
  try {
    const envelope = readEnvelope(frame);
    if (envelope.kind !== "response" || envelope.error === undefined) return undefined;
    return id === undefined || envelope.id === id ? frame : undefined;
  } catch (error) {
    if (error instanceof FrameError) return undefined; // Plain text or HTML.
    throw error;
  }
}

function describeLogin(headers: IncomingHttpHeaders, origin: string): string {
  const asked = String(headers["www-authenticate"] ?? "");
  if (!/resource_metadata\s*=/i.test(asked)) {
    return `refused the request with HTTP 401 at ${origin}; check "headers" in its entry in servers.json`;
  }
  return (
    `asks for a login with OAuth (HTTP 401 at ${origin}), and Lockstep cannot log in yet. Add a token of yours to its ` +
    `entry in servers.json, "headers": {"Authorization": "Bearer TOKEN"}, or let mcp-remote log in: ` +
    `"command": "npx", "args": ["-y", "mcp-remote", "URL"] instead of "url"`
  );
}

/** Of a foreign text. More than is shown in the end, since secrets are taken out of it first. */
const KEPT_CHARACTERS = 4_000;

/** Of a JSON-RPC error only the message; of a page for people nothing. */
function wordsIn(text: string): string {
  const message = errorIn(text)?.["message"];
  if (typeof message === "string") return message.slice(0, KEPT_CHARACTERS);
  return /^\s*</.test(text) ? "" : text.trim().slice(0, KEPT_CHARACTERS);
}

function errorIn(text: string): Record<string, unknown> | undefined {
  try {
    const body = JSON.parse(text) as unknown;
    return isObject(body) && isObject(body["error"]) ? body["error"] : undefined;
  } catch {
    return undefined; // Plain text or HTML.
  }
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

function isCertificateError(code: string | undefined): boolean {
  return code !== undefined && /CERT|SELF_SIGNED|ISSUER|VERIFY_LEAF/.test(code);
}

const CERTIFICATE_HELP =
  ": its certificate is not trusted. If your network has its own authority, export " +
  "NODE_EXTRA_CA_CERTS=FILE in the start-up file of your login shell, and restart the daemon";

const SESSION_GONE =
  /\b(no valid|invalid|unknown|expired)\b[^.]*\bsession\b|\bsession\b[^.]*\b(not found|expired|invalid|unknown|terminated|does not exist)\b|mcp-session-id/i;
