import {
  LONGEST_DRAIN_MS,
  DEFAULT_DRAIN_MS,
  ERROR,
  METHOD,
  type DaemonStatus,
  type DrainingFor,
  type ListedServers,
  type ShutdownParams,
} from "../wire/control.js";
import { RpcError } from "../wire/rpc-error.js";
import type { HostedServers } from "../servers/hosted-servers.js";

/** The daemon's own methods, by name. What they throw becomes the error of the answer. */
export type ControlRequests = Readonly<Record<string, (params: unknown) => unknown>>;

export function controlRequests(daemon: {
  status(): DaemonStatus;
  servers: HostedServers;
  isDraining(): boolean;
  shutdown(params: Required<ShutdownParams>): void;
}): ControlRequests {
  const named = (params: unknown): string => {
    const name = (params as { name?: unknown } | undefined)?.name;
    if (typeof name !== "string") throw new RpcError(-32602, `"name" must be the name of a hosted server`);
    return name;
  };
  return {
    [METHOD.status]: async () => {
      await configurationRead(daemon.servers);
      return daemon.status();
    },
    [METHOD.servers]: async (): Promise<ListedServers> => {
      await configurationRead(daemon.servers);
      const { fileProblem } = daemon.servers;
      return { servers: daemon.servers.status(), ...(fileProblem !== undefined && { problem: fileProblem }) };
    },
    [METHOD.serverRestart]: (params) => daemon.servers.restart(named(params)),
    [METHOD.serverReload]: () => daemon.servers.reload(),
    [METHOD.shutdown]: (params) => {
      const request = parseShutdown(params);
      if (daemon.isDraining()) throw new RpcError(ERROR.draining, "the daemon is shutting down already");
      // After the answer, which would otherwise not leave before the connection ends.
      setImmediate(() => daemon.shutdown(request));
      return { drainMs: request.drainMs };
    },
  };
}

/** A daemon that has just started has not read its configuration, and would report that it hosts no servers. */
async function configurationRead(servers: HostedServers): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, CONFIGURATION_MS)));
  await Promise.race([servers.loaded(), late]);
  clearTimeout(timer);
}

/** Bounded, since reading the configuration may take a slow login shell, ms. */
const CONFIGURATION_MS = 1_000;

function parseShutdown(params: unknown): Required<ShutdownParams> {
  const { reason, by, for: endsFor = "stop", drainMs = DEFAULT_DRAIN_MS } = (params ?? {}) as Record<string, unknown>;
  if (typeof reason !== "string" || typeof by !== "string") {
    throw new RpcError(-32602, `"reason" and "by" must say why the daemon should stop and who asks for it`);
  }
  if (typeof drainMs !== "number" || !(drainMs >= 0 && drainMs <= LONGEST_DRAIN_MS)) {
    throw new RpcError(-32602, `"drainMs" must be a time in ms from 0 to ${LONGEST_DRAIN_MS}`);
  }
  if (!isDrainingFor(endsFor)) throw new RpcError(-32602, `"for" must be one of ${DRAINING_FOR.join(", ")}`);
  return { reason, by, for: endsFor, drainMs };
}

const DRAINING_FOR: readonly DrainingFor[] = ["stop", "restart", "upgrade", "fault"];

function isDrainingFor(value: unknown): value is DrainingFor {
  return DRAINING_FOR.some((one) => one === value);
}
