/** What a failed HTTP request means for the JSON-RPC message that it carried. */
export interface HttpFailure {
  /** Goes on from "The server …", without a full stop. Names the origin only: paths and queries may hold keys. */
  reason: string;
  /** False: it is certain that the server did not take the message. */
  delivered: boolean;
  /** The conversation cannot go on; the next request has to begin a new one. */
  sessionOver: boolean;
}

/** Reads what `fetch` or the SDK's transport threw. */
export function describeHttpFailure(error: unknown, origin: string): HttpFailure {
  const status = (error as { code?: unknown } | null)?.code;
  if (typeof status === "number" && status > 0) return describeStatus(status, origin, bodyOf(error));
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause?.code;
  if (typeof cause === "string" && NEVER_CONNECTED.has(cause)) {
    return { reason: `cannot be reached at ${origin} (${cause})`, delivered: false, sessionOver: true };
  }
  const why = error instanceof Error ? error.message.slice(0, 200) : String(error);
  return {
    reason: `broke the connection to ${origin} (${typeof cause === "string" ? cause : why})`,
    delivered: true,
    sessionOver: false,
  };
}

function describeStatus(status: number, origin: string, body: string): HttpFailure {
  const said = body === "" ? "" : `: ${body}`;
  // A server that forgot the session, after a restart say, took nothing that named it. Some say 400 then, with words.
  if (status === 404 || (status === 400 && /session/i.test(body))) {
    const reason = `knows no such session or address at ${origin} (HTTP ${status})${said}`;
    return { reason, delivered: false, sessionOver: true };
  }
  if (status === 401 || status === 403) {
    const reason = `refused with HTTP ${status} at ${origin}; check "headers" of its entry in servers.json`;
    return { reason, delivered: false, sessionOver: false };
  }
  return { reason: `answered with HTTP ${status} at ${origin}${said}`, delivered: status >= 500, sessionOver: false };
}

/** The words of the answer's body, which the SDK puts behind its own; of a JSON-RPC error its message. */
function bodyOf(error: unknown): string {
  const text = error instanceof Error ? error.message.replace(/^.*?Error POSTing to endpoint: /s, "") : "";
  try {
    const { message } = (JSON.parse(text) as { error?: { message?: unknown } }).error ?? {};
    if (typeof message === "string") return message.slice(0, 200);
  } catch {
    // Plain text or a page.
  }
  return text.startsWith("<") ? "" : text.slice(0, 200);
}

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
