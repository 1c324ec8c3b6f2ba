/**
 * The lifecycle of a local daemon as a library: a version handshake at every connect, a restart under flock exactly
 * once however many race, and long-lived clients that follow. Lockstep's own daemon is one `DaemonSpec`; yours is
 * another.
 */
export { type DaemonSpec, type SpawnCommand, type SpecVariables } from "./client/spec/daemon-spec.js";
export { foreignSpec, type ForeignDaemon } from "./client/spec/foreign-spec.js";
export { lockstepSpec, thisProgram, type ProgramFacts } from "./client/spec/lockstep-spec.js";
export { ensureDaemon } from "./client/ensure.js";
export { FRESH, type Ensured, type EnsureOptions } from "./client/ensure-options.js";
export {
  connectReconnecting,
  followDaemon,
  ReconnectingClient,
  type ReconnectingOptions,
} from "./client/follow/reconnecting-client.js";
export type { LinkState } from "./client/follow/reconnecting-link.js";
export { stopDaemon, type StopRequest, type StopResult } from "./client/stop/stop-daemon.js";
export { reportStatus, type DaemonState, type StatusReport } from "./client/connect/status-report.js";
export { progressText, type Progress } from "./client/progress.js";
export { OutcomeUnknownError, wasNeverDelivered } from "./client/follow/delivery.js";
export { ConnectError } from "./client/connect/connect-socket.js";
export { LifecycleError, RefusedError, UnresponsiveError } from "./client/lifecycle-errors.js";
export type { Connected } from "./client/connect/probe.js";
export type { ClientIdentity } from "./wire/handshake.js";
export { DirectoryError, type StatePaths } from "./state/directory.js";
export type { LedgerEntry } from "./state/ledger.js";
export type { Identity, Installed } from "./version/identity.js";
export { Peer, PeerClosedError, RequestTimeoutError } from "./wire/peer.js";
export { RpcError } from "./wire/rpc-error.js";
export { createSdkTransport } from "./wire/sdk-transport.js";
export type {
  ClientHello,
  DaemonStatus,
  DaemonHello,
  Draining,
  Heartbeat,
  Role,
  ServerStatus,
} from "./wire/control.js";
