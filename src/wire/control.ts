/**
 * The names and shapes of everything on the wire beyond plain MCP: control methods (client → daemon),
 * notifications (daemon → client) and JSON-RPC error codes. Plain data, shared by both sides of the socket.
 */

/** Raised only when the wire between client and daemon changes, and not with every release. */
export const PROTOCOL = 1;

/** The key of Lockstep's own block in `capabilities.experimental` of both sides' `initialize`. */
export const EXPERIMENTAL_KEY = "lockstep";

export const METHOD = {
  status: "lockstep/status",
  shutdown: "lockstep/shutdown",
  servers: "lockstep/servers",
  serverRestart: "lockstep/server/restart",
  serverReload: "lockstep/server/reload",
} as const;

export const NOTIFICATION = {
  heartbeat: "notifications/lockstep/heartbeat",
  draining: "notifications/lockstep/draining",
  changed: "notifications/lockstep/changed",
  /** The last message on a connection that the daemon ends, with `Ended`. */
  ended: "notifications/lockstep/ended",
  /** Client → daemon: the user was told that the daemon is newer than the client's installation; sets `noticed`. */
  noticed: "notifications/lockstep/noticed",
} as const;

/** JSON-RPC error codes, besides the standard -32700 … -32603. */
export const ERROR = {
  /** The daemon is draining. `data: {delivered: false}`: safe to send again; `{delivered: true, outcome: "unknown"}`: not. */
  draining: -32001,
  /** A hosted server could not be started or is in its crash backoff. `data: {delivered: false, server}`. */
  serverUnavailable: -32010,
  /** A hosted server died or was restarted with the call open. `data: {delivered: true, outcome: "unknown", server}`. */
  serverLost: -32011,
  /** No server of that name is configured. `data: {delivered: false, server, known: string[]}`. */
  serverUnknown: -32012,
  /** A hosted server sent a request to "the client", and it is unclear which of several is meant. */
  clientAmbiguous: -32013,
  /** A call took longer than the server's configured `timeout`. `data: {delivered: true, outcome: "unknown", server}`. */
  serverTimeout: -32014,
} as const;

/** EX_TEMPFAIL: the exit code of a daemon whose installation was replaced while it started. It is then started again. */
export const EXIT_START_AGAIN = 75;

export type Role = "cli" | "tray" | "bridge" | "library";

/** `capabilities.experimental.lockstep` of a client. */
export interface ClientHello {
  role: Role;
  pid: number;
  /** The hosted server that this connection is a session with; absent: all of them, tools named `server__tool`. */
  server?: string;
  /** True asks for `notifications/lockstep/heartbeat`. */
  heartbeat?: boolean;
  /** The client's installation, so that a notice is given once per daemon's life and installation. */
  installRoot?: string;
}

/** `capabilities.experimental.lockstep` of the daemon. */
export interface DaemonHello {
  protocol: number;
  buildId: string;
  installRoot: string;
  /** Where `installRoot` is: see version/place.ts. */
  place?: string;
  execPath: string;
  pid: number;
  /** ISO 8601. */
  startedAt: string;
  /** Who started it, in words: `cli (pid 812)`, `tray (pid 40)`, `foreground`. */
  launchedBy: string;
  heartbeatMs: number;
  /** True when a client of the same installation has already told its user that this daemon is newer. */
  noticed?: boolean;
  /** To a client of one hosted server: that server's own `serverInfo`, with its title, icons and website. */
  server?: Record<string, unknown>;
}

export interface Heartbeat {
  seq: number;
  /** Epoch milliseconds, the daemon's clock. */
  at: number;
  /** The event loop's lag: how late this beat's timer fired, ms. */
  lagMs: number;
  rssBytes: number;
  clients: number;
  inFlight: number;
}

/** What the daemon's end leads to: `EndsFor` of the version room. */
export type DrainingFor = "stop" | "restart" | "upgrade" | "fault";

export interface Draining {
  /** In words; nothing is concluded from them. */
  reason: string;
  by: string;
  /** Absent: a daemon that doesn't say it, such as an older one. */
  for?: DrainingFor;
  /** Epoch milliseconds by which running requests are answered. */
  deadlineMs: number;
}

/** What was received on a connection, so that the client knows what was not. */
export interface Ended {
  /** How many frames the daemon took, the first of them `initialize`. Later ones were not read and never will be. */
  received: number;
}

/** How long running requests may go on in a shutdown, ms, when the request has no `drainMs`. */
export const DEFAULT_DRAIN_MS = 5_000;
/** The longest time that a shutdown may be given, ms. */
export const LONGEST_DRAIN_MS = 600_000;

export interface ShutdownParams {
  reason: string;
  by: string;
  /** Default `stop`. */
  for?: DrainingFor;
  /** How long running requests may go on, ms. Default 5,000. */
  drainMs?: number;
}

export type ServerState = "stopped" | "starting" | "ready" | "backoff" | "stopping" | "invalid";

/** One hosted server, as `lockstep/servers` and `lockstep/status` give it. Never holds env, headers or other secrets. */
export interface ServerStatus {
  name: string;
  state: ServerState;
  pid: number | null;
  version: string | null;
  sessions: number;
  calls: number;
  errors: number;
  /** ISO 8601, or null when it was never used. */
  lastUsedAt: string | null;
  /** Why it is `invalid` or in `backoff`, in words. */
  problem?: string;
}

/** Result of `lockstep/servers`. */
export interface ListedServers {
  servers: ServerStatus[];
  /** Why nothing in `servers.json` can be used, with the place in the file. `servers` then run by what it said before. */
  problem?: string;
}

/** Result of `lockstep/status`. */
export interface DaemonStatus {
  state: "running" | "draining";
  version: string;
  hello: DaemonHello;
  uptimeMs: number;
  heartbeat: { seq: number; at: number; intervalMs: number; lagMs: number };
  clients: number;
  inFlight: number;
  rssBytes: number;
  servers: ServerStatus[];
}
