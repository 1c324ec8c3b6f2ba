import type { Installed } from "../../../src/version/identity.js";
import { inState, settled } from "./connection.js";
import type { DaemonRecord } from "./daemon-state.js";
import { startAgain } from "./operations.js";
import { noEffects, type Context, type Step } from "../step.js";

/** What is installed changed on disk, or was read for the first time. */
export function onInstalled(record: DaemonRecord, installed: Installed, context: Context): Step {
  const next: DaemonRecord = { ...record, installed };
  const { state } = next;
  switch (state.is) {
    case "running":
    case "drifted": {
      const after = inState(next, settled(state.live, installed));
      return after.state.is === "drifted" && mayReplace(after, context)
        ? { ...startDrift(after, context) }
        : noEffects(after);
    }
    case "failed":
      // Another version may be just what was missing.
      return hasChanged(record, installed) && mayStart(next)
        ? startAgain({ ...next, failures: [], failuresInARow: 0 }, "drift", context)
        : noEffects(next);
    // Somebody is at it already, or whatever comes next will be compared.
    case "draining":
    case "starting":
    case "stopped":
    case "unresponsive":
      return noEffects(next);
  }
}

/**
 * Drift is mended without a question only in our own installation and only by code that is itself the installed one: an
 * app that was replaced beneath it offers to relaunch, and the new one does this.
 */
function mayReplace(record: DaemonRecord, { stale }: Context): boolean {
  if (!mayStart(record) || record.problem || stale) return false;
  return record.state.is === "drifted" && record.state.drift.installation === "same";
}

/** The daemon stays in sight while the full handshake sees to it: it may find that somebody else did. */
function startDrift(record: DaemonRecord, { now }: Context): Step {
  return {
    record: { ...record, operation: { kind: "restart", since: now, progress: undefined } },
    effects: [{ do: "start", daemon: record.id, why: "drift" }],
  };
}

function mayStart({ control, wanted, operation }: DaemonRecord): boolean {
  return control === "full" && wanted === "running" && !operation;
}

function hasChanged({ installed: before }: DaemonRecord, { version, buildId }: Installed): boolean {
  return before !== undefined && (before.version !== version || before.buildId !== buildId);
}
