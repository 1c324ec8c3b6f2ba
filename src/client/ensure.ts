import { checkDirectory } from "../state/directory.js";
import type { DaemonSpec } from "./spec/daemon-spec.js";
import { decideOn, useDaemon, type Ensured, type EnsureOptions } from "./ensure-options.js";
import { closeProbe, probeDaemon, type Probe } from "./connect/probe.js";

/**
 * Comes back with a connection to a daemon in step with what is installed, having started or restarted it if need be.
 * This is the handshake that every client makes at every connect; with a matching daemon it is one connect and one
 * round trip, and nothing else is loaded.
 * Throws RefusedError, UnresponsiveError, LifecycleError, ConnectError or DirectoryError.
 */
export async function ensureDaemon(spec: DaemonSpec, options: EnsureOptions): Promise<Ensured> {
  checkDirectory(spec.paths);
  const probe = await probeDaemon(spec, options.client, { signal: options.signal });
  const used = probe.state === "answered" && !options.restart ? useIfInStep(spec, options, probe) : undefined;
  if (used) return used;
  const { startOrRestart } = await import("./restart/restart.js");
  return startOrRestart(spec, options, probe);
}

function useIfInStep(
  spec: DaemonSpec,
  options: EnsureOptions,
  probe: Extract<Probe, { state: "answered" }>,
): Ensured | undefined {
  try {
    const decision = decideOn(spec, options, { state: "answered", identity: probe.identity });
    return decision.do === "use" ? useDaemon(spec, options, probe, decision, "used") : undefined;
  } catch (error) {
    // Our own installation cannot be read: nobody will take this connection.
    closeProbe(probe);
    throw error;
  }
}
