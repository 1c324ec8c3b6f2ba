import type { Ensured } from "../../client/ensure-options.js";
import type { Terminal } from "../terminal/terminal.js";

const DID = { used: "was running, in step", started: "started", restarted: "restarted" } as const;

/** Prints which daemon runs, and whether it was started or restarted for this command. */
export function printEnsured(terminal: Terminal, json: boolean, { identity, did }: Ensured): void {
  const { pid, version, installRoot } = identity;
  if (json) terminal.printJson({ did, pid: pid ?? null, version, installRoot: installRoot ?? null });
  else terminal.print(`daemon running: PID ${pid ?? "unknown"}, version ${version} (${DID[did]})`);
}
