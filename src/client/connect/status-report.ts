import type { DaemonStatus, Role, ServerStatus } from "../../wire/control.js";
import { parseIdentity, type Identity, type Installed } from "../../version/identity.js";
import { inStep } from "../../version/decide.js";
import { checkDirectory, checkSocketPath } from "../../state/directory.js";
import { heartbeatAgeMs, readRecordedDaemon } from "../../state/recorded-daemon.js";
import { readLedger, type LedgerEntry } from "../../state/ledger.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { findDaemon, findWithoutSocket, type FoundDaemon } from "./find.js";
import { hangUp, type Connected } from "./probe.js";
import { clientIdentity } from "../spec/client-identity.js";

export type DaemonState = "running" | "starting" | "draining" | "unresponsive" | "stopped";

/** What `lockstep status --json` prints. Null: not known, or no daemon is running. */
export interface StatusReport {
  state: DaemonState;
  /** Is the daemon what this installation holds? Null when no daemon is known. */
  inStep: boolean | null;
  pid: number | null;
  version: string | null;
  installed: { version: string; buildId: string | null; root: string };
  protocol: number | null;
  buildId: string | null;
  installRoot: string | null;
  /** What is in `installRoot` now, compared with the daemon that was started from it. */
  codeOnDisk: { state: "unchanged" | "replaced"; version: string } | { state: "gone"; version: null } | null;
  execPath: string | null;
  launchedBy: string | null;
  startedAt: string | null;
  uptimeMs: number | null;
  heartbeat: { seq: number | null; ageMs: number; intervalMs: number | null; lagMs: number | null } | null;
  clients: number | null;
  inFlight: number | null;
  rssBytes: number | null;
  servers: ServerStatus[];
  restarts: LedgerEntry[];
  dir: string;
  socket: string;
  log: string;
}

/** How long the daemon may take for its status after the handshake, ms. */
const STATUS_BOUND_MS = 4_000;
/** For the handshake, ms. It is shorter than other clients' bound, so that a status command answers soon. */
const STATUS_HANDSHAKE_MS = 4_000;

/**
 * Reports on the daemon, and never starts, restarts or changes anything. Throws DirectoryError and ConnectError, and
 * what `spec.installed()` throws.
 *
 * @example
 * ```ts
 * const { state, version, inStep } = await reportStatus(spec, "cli");
 * if (state === "running" && inStep === false) console.log(`the daemon is still ${version}`);
 * ```
 */
export async function reportStatus(spec: DaemonSpec, role: Role): Promise<StatusReport> {
  const installed = spec.installed();
  checkSocketPath(spec.paths.socket);
  if (!checkDirectory(spec.paths)) return report(spec, installed, { state: "stopped" });
  const found = await findSettled(spec, role);
  try {
    switch (found.state) {
      case "absent":
        return report(spec, installed, { state: "stopped" });
      case "starting":
        return report(spec, installed, { state: "starting" });
      case "draining":
        return report(spec, installed, { state: "draining", identity: found.identity });
      case "silent":
        return report(spec, installed, { state: "unresponsive", ...recordedIdentity(spec) });
      case "answered":
        return await reportOfAnswered(spec, installed, found);
    }
  } finally {
    hangUp(found);
  }
}

/** A daemon that hangs up during the handshake is ending, so the second try finds what follows. */
async function findSettled(spec: DaemonSpec, role: Role): Promise<Exclude<FoundDaemon, { state: "ended" }>> {
  const client = clientIdentity(spec, role);
  for (let tries = 0; tries < 2; tries++) {
    const found = await findDaemon(spec, client, { handshakeMs: STATUS_HANDSHAKE_MS });
    if (found.state !== "ended") return found;
  }
  return findWithoutSocket(spec, false);
}

async function reportOfAnswered(
  spec: DaemonSpec,
  installed: Installed,
  { identity, peer }: Connected,
): Promise<StatusReport> {
  const method = spec.control?.status;
  if (method === undefined) return report(spec, installed, { state: "running", identity });
  try {
    const status = (await peer.request(method, {}, { timeoutMs: STATUS_BOUND_MS })) as DaemonStatus;
    const { version, hello } = status;
    return report(spec, installed, { state: status.state, identity: parseIdentity(version, hello), status });
  } catch {
    return report(spec, installed, { state: peer.closed ? "draining" : "unresponsive", identity });
  }
}

function recordedIdentity(spec: DaemonSpec): { identity?: Identity } {
  const recorded = readRecordedDaemon(spec.paths);
  return recorded ? { identity: recorded.identity } : {};
}

function report(
  spec: DaemonSpec,
  installed: Installed,
  found: { state: DaemonState; identity?: Identity; status?: DaemonStatus },
): StatusReport {
  const { state, identity, status } = found;
  const now = Date.now();
  const beatAge = status ? Math.max(0, now - status.heartbeat.at) : heartbeatAgeMs(spec.paths, now);
  return {
    state,
    inStep: identity ? inStep(identity, installed) : null,
    pid: identity?.pid ?? null,
    version: identity?.version ?? null,
    installed: { version: installed.version, buildId: installed.buildId ?? null, root: installed.root },
    protocol: identity?.protocol ?? null,
    buildId: identity?.buildId ?? null,
    installRoot: identity?.installRoot ?? null,
    codeOnDisk: identity ? codeOnDisk(spec, identity) : null,
    execPath: identity?.execPath ?? null,
    launchedBy: identity?.launchedBy ?? null,
    startedAt: identity?.startedAt ?? null,
    uptimeMs: status?.uptimeMs ?? (identity?.startedAt ? Math.max(0, now - Date.parse(identity.startedAt)) : null),
    heartbeat:
      state === "stopped" || beatAge === undefined
        ? null
        : {
            seq: status?.heartbeat.seq ?? null,
            ageMs: Math.round(beatAge),
            intervalMs: status?.heartbeat.intervalMs ?? identity?.heartbeatMs ?? null,
            lagMs: status?.heartbeat.lagMs ?? null,
          },
    clients: status?.clients ?? null,
    inFlight: status?.inFlight ?? null,
    rssBytes: status?.rssBytes ?? null,
    servers: status?.servers ?? [],
    restarts: readLedger(spec.paths.restartLock),
    dir: spec.paths.dir,
    socket: spec.paths.socket,
    log: spec.paths.log,
  };
}

function codeOnDisk(spec: DaemonSpec, identity: Identity): StatusReport["codeOnDisk"] {
  if (identity.installRoot === undefined || !spec.installedIn) return null;
  try {
    const found = spec.installedIn(identity.installRoot);
    if (!found) return { state: "gone", version: null };
    return { state: inStep(identity, found) ? "unchanged" : "replaced", version: found.version };
  } catch {
    // Half replaced, or not readable for this user.
    return null;
  }
}
