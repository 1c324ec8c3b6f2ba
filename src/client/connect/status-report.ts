import { existsSync } from "node:fs";

import type { Role, ServerStatus } from "../../wire/control.js";
import { PeerClosedError } from "../../wire/peer.js";
import { RpcError } from "../../wire/rpc-error.js";
import { parseIdentity, type Identity, type Installed } from "../../version/identity.js";
import { inStep } from "../../version/decide.js";
import { checkDirectory, checkSocketPath } from "../../state/directory.js";
import { heartbeatAgeMs, readRecordedDaemon } from "../../state/recorded-daemon.js";
import { readLedger, type LedgerEntry } from "../../state/ledger.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { durationText } from "../../text/duration.js";
import { listenerPid, listenerText } from "../stop/proven-process.js";
import { noiseText, refusalText } from "../restart/refusal.js";
import { findDaemon } from "./find.js";
import { hangUp, type Connected } from "./probe.js";
import { readStatus, type ReadStatus } from "./read-status.js";
import { clientIdentity } from "../spec/client-identity.js";

export type DaemonState = "running" | "starting" | "draining" | "unresponsive" | "stopped";

/** What `lockstep status --json` prints. Null: not known, or no daemon is running. */
export interface StatusReport {
  state: DaemonState;
  /** Why it is unresponsive, with the process that listens: a sentence without a full stop. */
  problem?: string;
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
  /** Only there if the program that the daemon runs with was removed from the disk. */
  execPathGone?: true;
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
  const found = await findDaemon(spec, clientIdentity(spec, role), { handshakeMs: STATUS_HANDSHAKE_MS });
  try {
    switch (found.state) {
      case "absent":
        return report(spec, installed, { state: "stopped" });
      case "starting":
        return report(spec, installed, { state: "starting" });
      case "draining":
        return report(spec, installed, { state: "draining", identity: found.identity });
      case "silent":
        return await reportOfUnknown(spec, installed, `did not answer within ${durationText(STATUS_HANDSHAKE_MS)}`);
      case "refusing":
        return await reportOfUnknown(spec, installed, refusalText(found));
      case "noise":
        return await reportOfUnknown(spec, installed, noiseText(found));
      case "answered":
        return await reportOfAnswered(spec, installed, found);
    }
  } finally {
    hangUp(found);
  }
}

/** Of what accepts connections and gave no identity: its process is what the kernel says, and the rest is in the record. */
async function reportOfUnknown(spec: DaemonSpec, installed: Installed, problem: string): Promise<StatusReport> {
  const pid = await listenerPid(spec);
  const recorded = readRecordedDaemon(spec.paths);
  const isRecorded = recorded !== undefined && (pid === undefined || pid === recorded.pid);
  const what = (await listenerText(spec)) ?? "an unknown process";
  return {
    ...report(spec, installed, { state: "unresponsive", ...(isRecorded && { identity: recorded.identity }) }),
    pid: pid ?? recorded?.pid ?? null,
    problem: `${what} ${problem}`,
  };
}

async function reportOfAnswered(
  spec: DaemonSpec,
  installed: Installed,
  { identity: given, peer }: Connected,
): Promise<StatusReport> {
  const identity = { ...given, pid: given.pid ?? (await listenerPid(spec)) };
  const method = spec.control?.status;
  if (method === undefined) return report(spec, installed, { state: "running", identity });
  let result: unknown;
  try {
    result = await peer.request(method, {}, { timeoutMs: STATUS_BOUND_MS });
  } catch (error) {
    if (error instanceof PeerClosedError) return report(spec, installed, { state: "draining", identity });
    // An error is an answer: this daemon lacks the request, or does not give its status now.
    if (error instanceof RpcError) return report(spec, installed, { state: "running", identity });
    const problem = `PID ${identity.pid ?? "unknown"} answered the handshake and not the request for its status`;
    return { ...report(spec, installed, { state: "unresponsive", identity }), problem };
  }
  const status = readStatus(result);
  const current = status.version === undefined ? identity : parseIdentity(status.version, status.hello);
  return report(spec, installed, { state: status.state, identity: current, status });
}

function report(
  spec: DaemonSpec,
  installed: Installed,
  found: { state: DaemonState; identity?: Identity; status?: ReadStatus },
): StatusReport {
  const { state, identity, status } = found;
  const now = Date.now();
  const beat = status?.heartbeat;
  const beatAge = beat ? Math.max(0, now - beat.at) : heartbeatAgeMs(spec.paths, now);
  const startedAt = Date.parse(identity?.startedAt ?? "");
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
    ...(identity?.execPath !== undefined && !existsSync(identity.execPath) && { execPathGone: true }),
    launchedBy: identity?.launchedBy ?? null,
    startedAt: identity?.startedAt ?? null,
    uptimeMs: status?.uptimeMs ?? (Number.isNaN(startedAt) ? null : Math.max(0, now - startedAt)),
    heartbeat:
      state === "stopped" || beatAge === undefined
        ? null
        : {
            seq: beat?.seq ?? null,
            ageMs: Math.round(beatAge),
            intervalMs: beat?.intervalMs ?? identity?.heartbeatMs ?? null,
            lagMs: beat?.lagMs ?? null,
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
