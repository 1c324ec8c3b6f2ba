import { checkDirectory } from "../state/directory.js";
import { NO_HISTORY } from "../version/decide.js";
import { hangUp, probeDaemon, type Probe } from "./connect/probe.js";
import { decideOn, useDaemon } from "./decision.js";
import type { Ensured, EnsureOptions } from "./ensure-options.js";
import type { DaemonSpec } from "./spec/daemon-spec.js";

/**
 * Resolves with a connection to a daemon in step with what is installed, started or restarted if necessary. Every client
 * does this handshake at every connect. With a matching daemon it takes one connect and one round trip, and loads
 * nothing else.
 * Throws RefusedError, UnresponsiveError, LifecycleError, ConnectError or DirectoryError, RpcError when the daemon refuses
 * the hosted server of `client.hello`, and the signal's reason.
 *
 * @example
 * ```ts
 * const { peer, did } = await ensureDaemon(spec, {
 *   ...FRESH,
 *   client: { clientInfo: { name: "notes", version: "1.0.0" }, hello: { role: "cli", pid: process.pid } },
 *   report: (progress) => console.error(progressText(progress, spec.name)),
 * });
 * peer.notify("notifications/initialized");
 * const tools = await peer.request("tools/list", {}, { timeoutMs: 5_000 });
 * ```
 */
export async function ensureDaemon(spec: DaemonSpec, options: EnsureOptions): Promise<Ensured> {
  checkDirectory(spec.paths);
  const probe = await probeDaemon(spec, options.client, { signal: options.signal });
  const used = options.restart ? undefined : useIfInStep(spec, options, probe);
  if (used) return used;
  const { startOrRestart } = await import("./restart/restart.js");
  return startOrRestart(spec, options, probe);
}

function useIfInStep(spec: DaemonSpec, options: EnsureOptions, probe: Probe): Ensured | undefined {
  if (probe.state !== "answered") return undefined;
  try {
    const decision = decideOn(spec, options, probe, NO_HISTORY);
    // The caller may have given up when the daemon had answered already.
    options.signal?.throwIfAborted();
    return decision.do === "use" ? useDaemon(spec, options, probe, decision, "used") : undefined;
  } catch (error) {
    // Aborted, or what is installed cannot be read: the connection stays unused.
    hangUp(probe);
    throw error;
  }
}
