/**
 * The lifecycle of a local daemon as a library: a version handshake at every connect, a restart under a lock that
 * happens once however many clients race, and clients that stay connected across restarts. Lockstep's own daemon is
 * one `DaemonSpec`; another tool's is another. README's section "As a library" is the introduction.
 */
export { foreignSpec, type ForeignDaemon } from "./client/spec/foreign-spec.js";
export { lockstepSpec, type ProgramFacts } from "./client/spec/lockstep-spec.js";
export type { ControlMethods, DaemonSpec, LifetimeLock, SpawnCommand } from "./client/spec/daemon-spec.js";

export { ensureDaemon } from "./client/ensure.js";
export { FRESH, type Ensured, type EnsureOptions } from "./client/ensure-options.js";
export { progressText, type Progress } from "./client/progress.js";
export { stopDaemon, type StopRequest, type StopResult } from "./client/stop/stop-daemon.js";
export { reportStatus, type StatusReport } from "./client/connect/status-report.js";

export {
  connectReconnecting,
  followDaemon,
  type ReconnectingClient,
  type ReconnectingOptions,
} from "./client/follow/reconnecting-client.js";
export type { LinkState } from "./client/follow/reconnecting-link.js";
export { OutcomeUnknownError, wasNeverDelivered } from "./client/follow/delivery.js";
export { createSdkTransport } from "./client/sdk/sdk-transport.js";

export { LifecycleError, RefusedError, UnresponsiveError } from "./client/lifecycle-errors.js";
export { ConnectError } from "./client/connect/connect-socket.js";
export { DirectoryError } from "./state/directory.js";
export { PeerClosedError, RequestTimeoutError, type Peer, type RequestOptions } from "./wire/peer.js";
export { RpcError } from "./wire/rpc-error.js";

export type { Identity, Installed } from "./version/identity.js";
export type { ClientIdentity } from "./wire/handshake.js";
export type { Draining, Heartbeat, Role } from "./wire/control.js";
