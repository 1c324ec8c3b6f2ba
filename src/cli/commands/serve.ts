import { setTimeout as delay } from "node:timers/promises";

import { watchSocket } from "../../client/restart/socket-watch.js";
import { hangUp, probeDaemon } from "../../client/connect/probe.js";
import { startDaemon } from "../../client/spawn/start-daemon.js";
import type { DaemonSpec } from "../../client/spec/daemon-spec.js";
import { prepareDirectory } from "../../state/directory.js";
import { readRecordedDaemon } from "../../state/recorded-daemon.js";
import { tryLock, type FileLock } from "../../state/lock.js";
import type { Identity } from "../../version/identity.js";
import { runDaemonHere } from "../daemon/daemon-program.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { lifecycleReport } from "../daemon/lifecycle-report.js";
import { clientIdentity } from "../../client/spec/client-identity.js";
import { clientName } from "../../wire/handshake.js";

export async function run(invocation: Invocation<"serve">): Promise<number> {
  if (!invocation.options.daemon) return runDaemonHere(invocation.dir);
  const { terminal, json } = invocation;
  const spec = specOf(invocation);
  const { version, root } = spec.installed();
  lifecycleReport(terminal, { starts: true })({ kind: "starting", now: version, root });
  const daemon = await startDetached(spec);
  if (json) terminal.printJson({ pid: daemon.pid, version: daemon.version });
  else terminal.print(`daemon running: PID ${daemon.pid ?? "unknown"}, version ${daemon.version}`);
  return EXIT.done;
}

/**
 * Starts the installed daemon without a decision about versions. This is the only command that hands the test version
 * on. Throws an Error if a daemon is already running.
 */
async function startDetached(spec: DaemonSpec): Promise<Identity> {
  prepareDirectory(spec.paths);
  const lock = await takeLifetimeLock(spec);
  using watch = watchSocket(spec.paths.socket);
  try {
    const client = clientIdentity(spec, "cli");
    const { found, pid } = await startDaemon(spec, client, watch, {
      launcher: clientName(client.hello),
      restartReason: undefined,
      testVersion: process.env[spec.variables.testVersion],
      lock,
    });
    hangUp(found);
    if (found.state !== "answered") {
      throw new Error(`the daemon (PID ${pid}) listens but does not answer; see ${spec.paths.log}`);
    }
    return found.identity;
  } finally {
    lock.release();
  }
}

/** A lock test holds the lock for microseconds, and a daemon that is starting doesn't answer yet; so try this often. */
const LOOKS = 20;
const LOOK_AGAIN_MS = 25;

async function takeLifetimeLock(spec: DaemonSpec): Promise<FileLock> {
  const { daemonLock, dir } = spec.paths;
  for (let look = 0; look < LOOKS; look++) {
    const lock = tryLock(daemonLock);
    if (lock) return lock;
    const pid = await pidOfRunning(spec);
    if (pid !== undefined) throw new Error(`a daemon is already running (PID ${pid}) in ${dir}; see: lockstep status`);
    await delay(LOOK_AGAIN_MS);
  }
  throw new Error(`a daemon of unknown PID is already running in ${dir}; see: lockstep status`);
}

async function pidOfRunning(spec: DaemonSpec): Promise<number | undefined> {
  const probe = await probeDaemon(spec, clientIdentity(spec, "cli"));
  hangUp(probe);
  const answered = probe.state === "answered" ? probe.identity.pid : undefined;
  return answered ?? readRecordedDaemon(spec.paths)?.pid;
}
