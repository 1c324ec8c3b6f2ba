import { counted, countedCompactly } from "../../src/text/count.js";
import type { ServerStatus } from "../../src/wire/control.js";
import { liveOf, type DaemonRecord } from "../model/daemon/daemon-state.js";
import type { ServerRow, ServersView, Tone } from "./window-view.js";

/** The list of hosted servers. */
export function serversOf(record: DaemonRecord): ServersView {
  const live = liveOf(record.state);
  if (!live) return { is: "unknown" };
  const servers = live.facts?.servers;
  // Another tool's daemon need not have any.
  if (record.control === "read-only" && !servers?.length) return { is: "unknown" };
  if (!servers) return { is: "waiting" };
  if (servers.length > 0) return { is: "some", servers: servers.map((server) => serverRow(server, record)) };
  const command = { do: "edit-servers", daemon: record.id } as const;
  const button = { label: "Edit servers.json", command, enabled: true };
  return { is: "none", hint: "No servers are configured.", button };
}

const SERVER_WORDS: Record<ServerStatus["state"], { words: string | undefined; tone: Tone }> = {
  ready: { words: undefined, tone: "ok" },
  starting: { words: "starting", tone: "busy" },
  stopping: { words: "stopping", tone: "busy" },
  stopped: { words: "idle", tone: "off" },
  backoff: { words: "failing", tone: "bad" },
  invalid: { words: "invalid", tone: "bad" },
};

function serverRow(server: ServerStatus, record: DaemonRecord): ServerRow {
  const { name, state, sessions, calls, errors, problem, version, pid } = server;
  const full = [
    name,
    version === null ? undefined : `version ${version}`,
    state === "stopped" ? "stopped, starts on use" : undefined,
    pid === null ? undefined : `PID ${pid}`,
    counted(sessions, "client"),
    counted(calls, "call"),
    errors > 0 ? counted(errors, "error") : undefined,
  ];
  const isLive = record.state.is === "running" || record.state.is === "drifted";
  const canRestart = record.control === "full" && state !== "invalid" && isLive;
  const command = { do: "restart-server", daemon: record.id, server: name } as const;
  return {
    name,
    state,
    ...SERVER_WORDS[state],
    sessions: countedCompactly(sessions, "client"),
    calls: countedCompactly(calls, "call"),
    problem,
    full: full.filter((part) => part !== undefined).join(", "),
    restart: canRestart
      ? { label: `Restart ${name}`, command, enabled: state !== "starting" && state !== "stopping" }
      : undefined,
  };
}
