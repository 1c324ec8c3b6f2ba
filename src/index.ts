/**
 * The lifecycle of a local daemon as a library: a version handshake at every connect, a restart under flock exactly
 * once however many race, and long-lived clients that follow. Lockstep's own daemon is one `DaemonSpec`; yours is
 * another.
 */
export { type DaemonSpec, type SpawnCommand, type SpecVariables } from "./client/spec/daemon-spec.js";
export { foreignSpec, type ForeignDaemon } from "./client/spec/foreign-spec.js";
export { lockstepSpec, thisProgram, type ProgramFacts } from "./client/spec/lockstep-spec.js";
export { ensureDaemon } from "./client/ensure.js";
export { FRESH, type Ensured, type EnsureOptions } from "./client/restart/options.js";
export {
  connectLasting,
  followDaemon,
  LastingClient,
  type LastingOptions,
  type Link,
} from "./client/follow/reconnecting-client.js";
export { stopRunning, type StopRequest, type StopResult } from "./client/stop/stop.js";
export { look, type DaemonState, type StatusReport } from "./client/connect/status-report.js";
export { guardStall, STALL_MS } from "./client/follow/stall.js";
export { progressText, type Progress } from "./client/progress.js";
export { OutcomeUnknownError, wasNeverDelivered } from "./client/follow/delivery.js";
export { ConnectError } from "./client/connect/connect.js";
export { LifecycleError, RefusedError, UnresponsiveError } from "./client/lifecycle-errors.js";
export type { ClientIdentity, Connected } from "./client/connect/probe.js";
export { statePaths, prepareDirectory, DirectoryError, type StatePaths } from "./state/directory.js";
export { ownBinary } from "./install/own-binary.js";
export { tryLock, isLocked, FileLock } from "./state/lock.js";
export { readLedger, type LedgerEntry } from "./state/ledger.js";
export { parseBreadcrumb, type Breadcrumb } from "./log/breadcrumbs.js";
export { knownSecrets } from "./config/known-secrets.js";
export { followLog } from "./log/follow.js";
export { isBreadcrumbLine, parseLogLine, type LogLine } from "./log/line.js";
export { readLastLines, readLinesBefore, type LogPage } from "./log/reader.js";
export { searchBackwards } from "./log/search.js";
export { decide, inStep, type Decision, type Facts, type Found } from "./version/decide.js";
export { readBuildInfo } from "./install/build-info.js";
export { compareVersions, versionsMatch } from "./version/versions.js";
export type { Identity, Installed } from "./version/identity.js";
export { Peer, PeerClosedError, RequestTimeoutError, RpcError } from "./wire/peer.js";
export { createSdkTransport } from "./wire/sdk-transport.js";
export { METHOD, NOTIFICATION } from "./wire/control.js";
export type {
  ClientHello,
  DaemonStatus,
  DaemonHello,
  Draining,
  Heartbeat,
  Role,
  ServerStatus,
} from "./wire/control.js";
