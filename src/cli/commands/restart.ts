import { ensureDaemon } from "../../client/ensure.js";
import { FRESH } from "../../client/judge.js";
import { printEnsured } from "../daemon-line.js";
import { EXIT } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { lifecycleReport } from "../lifecycle-report.js";
import { LONGEST_DRAIN_S, readSeconds } from "../seconds.js";

export async function run(invocation: Invocation<"restart">): Promise<number> {
  const { options, terminal, json } = invocation;
  const drainMs = readSeconds("--timeout", options.timeout, LONGEST_DRAIN_S);
  const spec = specOf(invocation);
  const { version, root } = spec.installed();
  const ensured = await ensureDaemon(spec, {
    ...FRESH,
    client: {
      clientInfo: { name: "lockstep", version },
      hello: { role: "cli", pid: process.pid, installRoot: root },
    },
    mayReplaceUnresponsive: true,
    force: options.force === true,
    restart: { reason: options.reason, ...(drainMs !== undefined && { drainMs }) },
    report: lifecycleReport(terminal, { starts: true }),
  });
  printEnsured(terminal, json, ensured);
  return EXIT.done;
}
