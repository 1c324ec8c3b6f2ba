import { hangUp, probeDaemon } from "../../client/connect/probe.js";
import type { DaemonSpec } from "../../client/spec/daemon-spec.js";
import { stopDaemon } from "../../client/stop/stop-daemon.js";
import { checkDirectory } from "../../state/directory.js";
import { decide, NO_HISTORY } from "../../version/decide.js";
import type { Identity } from "../../version/identity.js";
import { isSameInstallation } from "../../install/same-installation.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { run as stop } from "./stop.js";
import { clientIdentity } from "../../client/spec/client-identity.js";
import { exactDurationText } from "../../text/duration.js";

/** A package manager waits for its hooks, so this one exits after at most this long, ms. */
const HOOK_BOUND_MS = 4_500;
const HOOK_HANDSHAKE_MS = 1_500;
const HOOK_DRAIN_MS = 500;

export async function run(invocation: Invocation<"kill-daemon">): Promise<number> {
  if (!invocation.options["stale-only"]) return stop(invocation);
  const { terminal } = invocation;
  const tooLate = setTimeout(() => {
    terminal.say(
      `lockstep: the stale daemon did not stop within ${exactDurationText(HOOK_BOUND_MS)}; the next client will replace it`,
    );
    process.exit(EXIT.done);
  }, HOOK_BOUND_MS);
  try {
    const { stopped, text } = await stopIfStale(specOf(invocation));
    (stopped ? terminal.insist : terminal.say)(`lockstep: ${text}`);
  } catch (error) {
    // A hook must not fail an upgrade. The next client's handshake replaces the daemon anyway.
    terminal.say(`lockstep: ${error instanceof Error ? error.message : String(error)}`);
  }
  clearTimeout(tooLate);
  return EXIT.done;
}

/** Stops the daemon if this installation's own clients would restart it. */
async function stopIfStale(spec: DaemonSpec): Promise<{ stopped: boolean; text: string }> {
  const none = { stopped: false, text: "no daemon is running" };
  if (!checkDirectory(spec.paths)) return none;
  const installed = spec.installed();
  const probe = await probeDaemon(spec, clientIdentity(spec, "cli"), { handshakeMs: HOOK_HANDSHAKE_MS });
  hangUp(probe);
  if (probe.state === "silent" || probe.state === "refusing" || probe.state === "noise") {
    return { stopped: false, text: "the daemon does not answer and was left alone; see: lockstep status" };
  }
  if (probe.state !== "answered") return none;
  const daemon = `the daemon ${probe.identity.version} (PID ${probe.identity.pid ?? "unknown"})`;
  const left = { stopped: false, text: `${daemon} was left running` };
  if (!isStale(spec, probe.identity)) return left;
  const { stopped } = await stopDaemon(spec, {
    role: "cli",
    cause: { kind: "upgrade", installed: installed.version },
    drainMs: HOOK_DRAIN_MS,
    only: (found) => isStale(spec, found),
    report: () => undefined,
  });
  return stopped ? { stopped, text: `stopped ${daemon}, which was out of step with ${installed.version}` } : left;
}

function isStale(spec: DaemonSpec, daemon: Identity): boolean {
  const installed = spec.installed();
  // A daemon of another installation is left to the next client's handshake.
  if (!isSameInstallation(daemon, installed)) return false;
  const decision = decide({
    ...NO_HISTORY,
    found: { state: "answered", identity: daemon },
    installed,
    intent: "fresh",
    mayStart: false,
    mayReplaceUnresponsive: false,
    force: true,
  });
  return decision.do === "restart";
}
