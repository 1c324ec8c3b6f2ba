import type { DaemonSpec } from "../../client/spec/daemon-spec.js";
import type { StatusReport } from "../../client/connect/status-report.js";

/** The result of one check. */
export interface Check {
  /** What was checked: `state directory`. */
  what: string;
  /** `note`: worth knowing, but everything works. */
  status: "ok" | "note" | "problem";
  found: string;
  /** How to fix it. */
  fix?: string;
}

/** What the checks have to work with. */
export interface DoctorContext {
  spec: DaemonSpec;
  env: NodeJS.ProcessEnv;
  /** Undefined if the daemon's status could not be read, which is reported as a check of its own. */
  report: StatusReport | undefined;
  now: number;
}

/** Runs a group of checks. An exception is reported as a problem and does not keep other groups from running. */
export async function runChecks(what: string, group: () => Check[] | Promise<Check[]>): Promise<Check[]> {
  try {
    return await group();
  } catch (error) {
    return [{ what, status: "problem", found: error instanceof Error ? error.message : String(error) }];
  }
}
