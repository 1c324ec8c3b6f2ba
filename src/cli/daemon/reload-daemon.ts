import type { DaemonSpec } from "../../client/spec/daemon-spec.js";
import { hangUp, probeDaemon } from "../../client/connect/probe.js";
import { ERROR, METHOD } from "../../wire/control.js";
import { RpcError } from "../../wire/rpc-error.js";
import { clientIdentity } from "../../client/spec/client-identity.js";

/** True for the error of a daemon that knows no server of that name, perhaps since it was added just now. */
export function isServerUnknown(error: unknown): boolean {
  return error instanceof RpcError && error.code === ERROR.serverUnknown;
}

const RELOAD_BOUND_MS = 10_000;

/**
 * Asks a running daemon to read `servers.json` again; returns what happened, as text. No daemon is started, and one that
 * does not answer will notice the change of the file later.
 */
export async function reloadDaemon(spec: DaemonSpec): Promise<string> {
  const client = clientIdentity(spec, "cli");
  try {
    const probe = await probeDaemon(spec, client);
    if (probe.state !== "answered") {
      hangUp(probe);
      return probe.state === "no-listener" || probe.state === "ended"
        ? "no daemon is running; the next one will read it"
        : "the daemon does not answer; see: lockstep status";
    }
    try {
      await probe.peer.request(METHOD.serverReload, {}, { timeoutMs: RELOAD_BOUND_MS });
      return `the daemon (PID ${probe.identity.pid ?? "unknown"}) has read it`;
    } finally {
      hangUp(probe);
    }
  } catch (error) {
    return `the daemon could not be notified: ${error instanceof Error ? error.message : String(error)}`;
  }
}
