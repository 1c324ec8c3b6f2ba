import type { StatusReport } from "../../client/connect/status-report.js";
import type { LedgerEntry } from "../../state/ledger.js";
import { ageText, exactDurationText } from "../../text/duration.js";
import { driftText } from "../status/status-view.js";
import { findOnPath } from "./on-path.js";
import type { Check, DoctorContext } from "./check.js";

/** After this many intervals without a heartbeat, it counts as missed. */
const LATE_BEATS = 3;
const SLOW_LAG_MS = 1_000;
const HOUR_MS = 3_600_000;
/** This many restarts for drift within an hour are not caused by upgrades. */
const WAR_RESTARTS = 3;

export function daemonChecks({ report }: DoctorContext): Check[] {
  if (!report) return [];
  const { state, pid, version, problem } = report;
  const what = "daemon";
  switch (state) {
    case "stopped":
      return [{ what, status: "ok", found: "stopped; the next client starts it" }];
    case "unresponsive":
      return [
        {
          what,
          status: "problem",
          found: problem ?? `PID ${pid ?? "unknown"} does not answer`,
          fix: "lockstep restart",
        },
      ];
    case "starting":
    case "draining":
      return [{ what, status: "note", found: `${state}, PID ${pid ?? "unknown"}` }];
    case "running":
      return [
        { what, status: "ok", found: `running, PID ${pid ?? "unknown"}, version ${version ?? "unknown"}` },
        stepCheck(report),
        heartbeatCheck(report),
        ...programChecks(report),
      ];
  }
}

/** Only what is wrong: the daemon goes on with a program that was removed, and what it starts may not. */
function programChecks({ execPathGone, execPath }: StatusReport): Check[] {
  if (!execPathGone) return [];
  const found = `the program that the daemon runs with was removed: ${execPath ?? "unknown"}`;
  return [{ what: "program", status: "problem", found, fix: "lockstep restart" }];
}

function stepCheck(report: StatusReport): Check {
  const what = "versions";
  const { version, installRoot, installed } = report;
  if (report.inStep) return { what, status: "ok", found: "daemon and installation are in step" };
  const drift = driftText(report);
  const found = `the daemon is ${version ?? "unknown"} (${installRoot ?? "unknown place"}), this installation ${installed.version} (${installed.root}): ${drift}`;
  const elsewhere = installRoot !== null && installRoot !== installed.root;
  // A newer daemon of another installation is used on purpose.
  if (elsewhere && drift === "the installation is older")
    return { what, status: "note", found, fix: "upgrade this installation" };
  return {
    what,
    status: "problem",
    found,
    fix: "lockstep restart; any other command also restarts a daemon that is out of step",
  };
}

function heartbeatCheck({ heartbeat }: StatusReport): Check {
  const what = "heartbeat";
  if (!heartbeat) return { what, status: "problem", found: "no heartbeat was found", fix: "lockstep restart" };
  const { ageMs, intervalMs, lagMs } = heartbeat;
  const found = `${ageText(ageMs)} ago, event loop ${exactDurationText(lagMs ?? 0)} behind`;
  const late = ageMs > LATE_BEATS * (intervalMs ?? 2_000);
  if (!late && (lagMs ?? 0) < SLOW_LAG_MS) return { what, status: "ok", found };
  return { what, status: "problem", found, fix: "find out what keeps it busy: lockstep logs, lockstep servers" };
}

export function historyChecks({ report, now, env }: DoctorContext): Check[] {
  const ledger = report?.restarts ?? [];
  return [warCheck(ledger, now), installationsCheck(ledger, env)];
}

function warCheck(ledger: readonly LedgerEntry[], now: number): Check {
  const what = "restarts";
  const recent = ledger.filter(({ at, did, why }) => {
    return did === "restart" && why === "version-mismatch" && now - Date.parse(at) < HOUR_MS;
  });
  if (recent.length < WAR_RESTARTS) {
    return { what, status: "ok", found: `${recent.length} for drift within the last hour` };
  }
  const sides = [...new Set(recent.map(({ by, now: version }) => `${version} from ${by.root}`))].join("; ");
  return {
    what,
    status: "problem",
    found: `${recent.length} for drift within the last hour: two installations keep restarting each other's daemon: ${sides}`,
    fix: "remove one of them, or give one its own LOCKSTEP_DIR",
  };
}

function installationsCheck(ledger: readonly LedgerEntry[], env: NodeJS.ProcessEnv): Check {
  const what = "installations";
  const roots = new Set(ledger.map(({ by }) => by.root));
  const programs = findOnPath("lockstep", env);
  const found = [
    roots.size > 1 ? `${roots.size} have started daemons here: ${[...roots].join(", ")}` : "",
    programs.length > 1 ? `${programs.length} are on the PATH: ${programs.join(", ")}` : "",
  ].filter((part) => part !== "");
  if (found.length === 0) return { what, status: "ok", found: "one" };
  return { what, status: "note", found: found.join("; "), fix: "remove the older ones, unless this is on purpose" };
}
