import type { DaemonSpec } from "../../client/spec/daemon-spec.js";
import { closeProbe, probeDaemon } from "../../client/connect/probe.js";
import { METHOD } from "../../wire/control.js";
import { clientIdentity } from "../../client/spec/client-identity.js";

const RELOAD_BOUND_MS = 10_000;

/**
 * Tells a running daemon that `servers.json` changed, and says in words what comes of the change. None is started; and
 * one that does not answer reads the file by itself, sooner or later.
 */
export async function reloadDaemon(spec: DaemonSpec): Promise<string> {
  const client = clientIdentity(spec, "cli");
  try {
    const probe = await probeDaemon(spec, client);
    if (probe.state !== "answered") {
      closeProbe(probe);
      return probe.state === "silent"
        ? "the daemon does not answer; see: lockstep status"
        : "no daemon runs; the next one will read it";
    }
    try {
      await probe.peer.request(METHOD.serverReload, {}, { timeoutMs: RELOAD_BOUND_MS });
      return `the daemon (PID ${probe.identity.pid ?? "unknown"}) has read it`;
    } finally {
      closeProbe(probe);
    }
  } catch (error) {
    return `the daemon could not be told: ${error instanceof Error ? error.message : String(error)}`;
  }
}
