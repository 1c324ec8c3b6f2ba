import { lackingCapability } from "../../mcp/client-capabilities.js";
import type { Refusal } from "../../mcp/refusals.js";
import { ERROR } from "../../wire/control.js";
import type { RequestEnvelope } from "../../wire/envelope.js";
import type { Port } from "./port.js";

/**
 * Finds out which client a server means with a request to "the client": the one whose call is open or, when no call is
 * open, the only one that is connected. Otherwise returns the error for the server.
 */
export function attribute(
  server: string,
  request: RequestEnvelope,
  clients: { withOpenCalls: ReadonlySet<Port>; connected: Iterable<Port> },
): { port: Port } | Refusal {
  const candidates = clients.withOpenCalls.size > 0 ? [...clients.withOpenCalls] : [...clients.connected];
  const [port] = candidates;
  if (port === undefined || candidates.length > 1) return ambiguous(server, request.method, candidates.length);
  const lacking = lackingCapability(port.client.capabilities, request);
  if (lacking === undefined) return { port };
  return { code: -32601, message: `The client whose call is open does not support ${lacking}.` };
}

function ambiguous(server: string, method: string, candidates: number): Refusal {
  const why =
    candidates === 0
      ? "no client is connected to it."
      : `${candidates} clients use it at the moment, and the request does not say which one it is for. ` +
        `To give each client its own process, set "lockstep": {"share": "session"}.`;
  return {
    code: ERROR.clientAmbiguous,
    message: `The server "${server}" sent "${method}" to its client, but ${why}`,
    data: { server, clients: candidates },
  };
}
