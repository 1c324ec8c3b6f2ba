import type { ClientHello, Role } from "../../wire/control.js";
import type { ClientIdentity } from "../../wire/handshake.js";
import type { DaemonSpec } from "./daemon-spec.js";

/**
 * How a program of the daemon's own installation introduces itself: by the daemon's name, the installed version, and
 * `more` of the hello where it asks for more, such as heartbeats. Throws what `spec.installed()` throws.
 */
export function clientIdentity(
  spec: DaemonSpec,
  role: Role,
  more: Pick<ClientHello, "server" | "heartbeat"> = {},
): ClientIdentity {
  const { version, root } = spec.installed();
  return {
    clientInfo: { name: spec.name, version },
    hello: { role, pid: process.pid, installRoot: root, ...more },
  };
}
