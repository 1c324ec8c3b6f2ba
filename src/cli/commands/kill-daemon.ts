import { closeProbe, probeDaemon } from "../../client/probe.js";
import type { DaemonSpec } from "../../client/daemon-spec.js";
import { stopRunning } from "../../client/stop.js";
import { checkDirectory } from "../../state/directory.js";
import { decide } from "../../version/decide.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { run as stop } from "./stop.js";

/** A package manager waits for its hooks: whatever happens, this one is over by then, ms. */
const HOOK_BOUND_MS = 4_500;
const HOOK_HANDSHAKE_MS = 1_500;
const HOOK_DRAIN_MS = 500;

export async function run(invocation: Invocation<"kill-daemon">): Promise<number> {
  if (!invocation.options["stale-only"]) return stop(invocation);
  const { terminal } = invocation;
  const tooLate = setTimeout(() => {
    terminal.insist(
      `lockstep: the stale daemon did not end within ${HOOK_BOUND_MS / 1000} s; the next client will replace it`,
    );
    process.exit(EXIT.done);
  }, HOOK_BOUND_MS);
  try {
    terminal.insist(`lockstep: ${await stopIfStale(specOf(invocation))}`);
  } catch (error) {
    // A hook never fails an upgrade: the next client's handshake mends what is left.
    terminal.insist(`lockstep: ${error instanceof Error ? error.message : String(error)}`);
  }
  clearTimeout(tooLate);
  return EXIT.done;
}

/** Says, in words, what came of it. Stale is what the handshake would restart, and nothing else. */
async function stopIfStale(spec: DaemonSpec): Promise<string> {
  if (!checkDirectory(spec.paths)) return "no daemon is running";
  const installed = spec.installed();
  const client = {
    clientInfo: { name: "lockstep", version: installed.version },
    hello: { role: "cli" as const, pid: process.pid },
  };
  const probe = await probeDaemon(spec, client, HOOK_HANDSHAKE_MS);
  closeProbe(probe);
  if (probe.state === "silent") return "the daemon does not answer and was left alone; see: lockstep status";
  if (probe.state !== "answered") return "no daemon is running";
  const { version, pid } = probe.identity;
  const decision = decide({
    found: { state: "answered", identity: probe.identity },
    installed,
    intent: "fresh",
    mayStart: false,
    mayReplaceUnresponsive: false,
    recentRestarts: 0,
    force: true,
    restarted: false,
  });
  if (decision.do !== "restart") return `the daemon ${version} (PID ${pid ?? "unknown"}) was left running`;
  await stopRunning(spec, {
    role: "cli",
    reason: `out of step with ${installed.version}`,
    drainMs: HOOK_DRAIN_MS,
    report: () => undefined,
  });
  return `stopped the daemon ${version} (PID ${pid ?? "unknown"}), which was out of step with ${installed.version}`;
}
