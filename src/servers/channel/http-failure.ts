import type { Fate } from "./channel.js";

/** What a failed HTTP request means for the JSON-RPC message in it. */
export interface HttpFailure {
  /** Continues "The server …", without a full stop. Only the origin is named, since paths and queries may hold keys. */
  reason: string;
  /** "failed-before": it is certain that the server did not accept the message. */
  fate: Fate & ("failed-before" | "unknown");
  /** The session cannot go on, and the next request has to begin a new one. */
  sessionOver: boolean;
}

/** Reads the error that `fetch` or the SDK's transport threw. */
export function describeHttpFailure(error: unknown, origin: string): HttpFailure {
  const status = (error as { code?: unknown } | null)?.code;
  if (typeof status === "number" && status > 0) return describeStatus(status, origin, bodyOf(error));
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause?.code;
  if (typeof cause === "string" && NEVER_CONNECTED.has(cause)) {
    return { reason: `cannot be reached at ${origin} (${cause})`, fate: "failed-before", sessionOver: true };
  }
  const why = error instanceof Error ? error.message.slice(0, 200) : String(error);
  return {
    reason: `broke the connection to ${origin} (${typeof cause === "string" ? cause : why})`,
    fate: "unknown",
    sessionOver: false,
  };
}

function describeStatus(status: number, origin: string, body: string): HttpFailure {
  const details = body === "" ? "" : `: ${body}`;
  // A server that forgot the session, after a restart for example, accepts no message of it. Some answer with 400 then.
  if (status === 404 || (status === 400 && /session/i.test(body))) {
    const reason = `does not know the session or address at ${origin} (HTTP ${status})${details}`;
    return { reason, fate: "failed-before", sessionOver: true };
  }
  if (status === 401 || status === 403) {
    const reason = `refused the request with HTTP ${status} at ${origin}; check "headers" in its entry in servers.json`;
    return { reason, fate: "failed-before", sessionOver: false };
  }
  return {
    reason: `answered with HTTP ${status} at ${origin}${details}`,
    fate: status >= 500 ? "unknown" : "failed-before",
    sessionOver: false,
  };
}

/** The body of the response, which the SDK appends to its own message. Of a JSON-RPC error only the message. */
function bodyOf(error: unknown): string {
  const text = error instanceof Error ? error.message.replace(/^.*?Error POSTing to endpoint: /s, "") : "";
  try {
    const { message } = (JSON.parse(text) as { error?: { message?: unknown } }).error ?? {};
    if (typeof message === "string") return message.slice(0, 200);
  } catch {
    // Plain text or HTML.
  }
  return text.startsWith("<") ? "" : text.slice(0, 200);
}

/** Error codes of a connection that was never established, so that nothing was sent. */
const NEVER_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);
