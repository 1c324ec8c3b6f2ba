import type { DaemonSpec } from "../../client/spec/daemon-spec.js";
import type { StatusReport } from "../../client/connect/status-report.js";

/** One thing that was looked at. */
export interface Check {
  /** What was looked at: `state directory`. */
  what: string;
  /** `note`: worth knowing, and nothing that keeps anything from working. */
  status: "ok" | "note" | "problem";
  found: string;
  /** What to do about it. */
  mend?: string;
}

/** What all checks look at. */
export interface Patient {
  spec: DaemonSpec;
  env: NodeJS.ProcessEnv;
  /** Undefined when looking itself failed, which is a check of its own. */
  report: StatusReport | undefined;
  now: number;
}

/** Runs a group of checks; one that breaks is a problem itself, and hides none of the others. */
export async function runChecks(what: string, group: () => Check[] | Promise<Check[]>): Promise<Check[]> {
  try {
    return await group();
  } catch (error) {
    return [{ what, status: "problem", found: error instanceof Error ? error.message : String(error) }];
  }
}
