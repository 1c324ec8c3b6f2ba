import type { Installed } from "../../../src/version/identity.js";
import { begin, startAgain } from "./begin-operation.js";
import type { DaemonRecord } from "./daemon-state.js";
import { inState, settled } from "./next-state.js";
import { noEffects, type Context, type Step } from "../step.js";

/** The installation changed on disk, or was read for the first time. */
export function onInstalled(record: DaemonRecord, installed: Installed, context: Context): Step {
  const next: DaemonRecord = { ...record, installed };
  const { state } = next;
  switch (state.is) {
    case "running":
    case "drifted": {
      const after = inState(next, settled(state.live, installed));
      return after.state.is === "drifted" && mayReplace(after, context) ? startDrift(after, context) : noEffects(after);
    }
    case "failed":
      // Another version may start where this one failed.
      return hasChanged(record, installed) && mayStart(next)
        ? startAgain({ ...next, failures: [], failuresInARow: 0 }, "drift", context)
        : noEffects(next);
    // The versions are compared when a daemon connects.
    case "draining":
    case "starting":
    case "stopped":
    case "unresponsive":
      return noEffects(next);
  }
}

/**
 * Drift ends without a question only in the app's own installation, and only if the app's code is the installed one: an
 * app whose files were replaced offers to relaunch, and the new one replaces the daemon.
 */
function mayReplace(record: DaemonRecord, { stale }: Context): boolean {
  if (!mayStart(record) || record.problem || stale) return false;
  return record.state.is === "drifted" && record.state.drift.installation === "same";
}

/** Still shown as drifted: the handshake may find that another client has replaced the daemon already. */
function startDrift(record: DaemonRecord, context: Context): Step {
  return begin(record, "restart", { do: "start", why: "drift" }, context);
}

function mayStart({ control, wanted, operation }: DaemonRecord): boolean {
  return control === "full" && wanted === "running" && !operation;
}

function hasChanged({ installed: before }: DaemonRecord, { version, buildId }: Installed): boolean {
  return before !== undefined && (before.version !== version || before.buildId !== buildId);
}
